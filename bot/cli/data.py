"""Defines ``ventanilla data``, which shows, exports, blocks, corrects and erases the data of one conversation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.core.settings import Settings
from bot.core.terminal import console, explained, settings
from bot.core.texts import say

if TYPE_CHECKING:
    from bot.conversation.file_encryption.encrypted_file import EncryptedFile
    from bot.conversation.files import KeptFile
    from bot.privacy.corrections import NewContact
    from bot.privacy.personal_data import PersonalData

Result = TypeVar("Result")
NameArgument = Annotated[str, typer.Argument(metavar="CUAL", help=say("privacidad.ayuda.cual"))]
data_app = typer.Typer(help=say("privacidad.ayuda.data"), no_args_is_help=True)


@data_app.command("show", help=say("privacidad.ayuda.show"))
def show(cual: NameArgument) -> None:
    async def work(data: PersonalData) -> tuple[str, dict[str, int]]:
        name = await data.find(cual)
        return name, await data.show(name)

    with explained():
        name, found = _with_data(settings(), work)
        for place, count in (("conversation", name), *found.items()):
            console.print(f"{place:<20} {count}", markup=False)


@data_app.command("export", help=say("privacidad.ayuda.export"))
def export(
    cual: NameArgument,
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help=say("privacidad.ayuda.archivo"))],
) -> None:
    from bot.core.disk import replace_file

    folder = archivo.absolute().with_name(f"{archivo.name}.archivos")

    async def work(data: PersonalData) -> tuple[str, int, int]:
        name = await data.find(cual)
        found = await data.export(name)
        await data.note_export(name)
        files, unreadable = await data.all_files(name)
        damaged = sum(not _written(folder, *one) for one in files)
        json_text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
        return json_text, len(files) - damaged, unreadable + damaged

    with explained():
        if folder.exists():
            console.print(say("privacidad.hay_carpeta", carpeta=folder), markup=False)
            raise typer.Exit(1)
        json_text, count, unreadable = _with_data(settings(), work)
        replace_file(archivo.absolute(), json_text)
        console.print(say("privacidad.exportado", archivo=archivo), markup=False)
        if count:
            console.print(say("privacidad.exportados", cuantos=count, carpeta=folder), markup=False)
        if unreadable:
            console.print(say("privacidad.ilegibles", cuantos=unreadable), markup=False)


@data_app.command("erase", help=say("privacidad.ayuda.erase"))
def erase(
    cual: NameArgument,
    reclamos: Annotated[bool, typer.Option("--reclamos", help=say("privacidad.ayuda.reclamos"))] = False,
    si: Annotated[bool, typer.Option("--si", help=say("privacidad.ayuda.si"))] = False,
) -> None:
    from bot.privacy.erasures import By, new_receipt

    receipt = new_receipt()

    async def look(data: PersonalData) -> tuple[str, int]:
        name = await data.find(cual)
        return name, sum((await data.show(name)).values())

    async def work(data: PersonalData) -> tuple[str, ...]:
        return await data.erase(name, receipt, By.STAFF, complaints=reclamos)

    with explained():
        config = settings()
        name, count = _with_data(config, look)
        if not si:
            typer.confirm(say("privacidad.confirma", conversacion=name, cosas=count), abort=True)
        kept = _with_data(config, work)
        console.print(say("privacidad.borrado", comprobante=receipt), markup=False)
        if kept:
            console.print(say("privacidad.quedan", reclamos=", ".join(kept)), markup=False)


@data_app.command("block", help=say("privacidad.ayuda.block"))
def block(cual: NameArgument) -> None:
    _set_blocked(cual, blocked=True)


@data_app.command("unblock", help=say("privacidad.ayuda.unblock"))
def unblock(cual: NameArgument) -> None:
    _set_blocked(cual, blocked=False)


@data_app.command("hold", help=say("privacidad.ayuda.hold"))
def hold(
    cual: NameArgument,
    razon: Annotated[str, typer.Option("--razon", help=say("privacidad.ayuda.razon"))],
    revisar: Annotated[str, typer.Option("--revisar", help=say("privacidad.ayuda.revisar"))],
) -> None:
    try:
        day = date.fromisoformat(revisar)
    except ValueError:
        raise typer.BadParameter(say("privacidad.errores.fecha")) from None
    if day <= date.today():
        raise typer.BadParameter(say("privacidad.errores.fecha"))

    async def work(data: PersonalData) -> None:
        await data.holds.place(await data.find(cual), razon, day)

    with explained():
        _with_data(settings(), work)
        console.print(say("privacidad.retenida"), markup=False)


@data_app.command("release", help=say("privacidad.ayuda.release"))
def release(cual: NameArgument) -> None:
    async def work(data: PersonalData) -> bool:
        return await data.holds.lift(await data.find(cual))

    with explained():
        lifted = _with_data(settings(), work)
        console.print(say(f"privacidad.{'liberada' if lifted else 'sin_cambio'}"), markup=False)


@data_app.command("rectify", help=say("privacidad.ayuda.rectify"))
def rectify(
    cual: NameArgument,
    dice: Annotated[str, typer.Option("--dice", help=say("privacidad.ayuda.dice"))] = "",
    debe: Annotated[str, typer.Option("--debe", help=say("privacidad.ayuda.debe"))] = "",
    contacto: Annotated[str, typer.Option("--contacto", help=say("privacidad.ayuda.contacto"))] = "",
) -> None:
    if bool(dice) != bool(debe) or not (dice or contacto):
        raise typer.BadParameter(say("privacidad.errores.que_corregir"))
    contact = _contact(contacto) if contacto else None

    async def work(data: PersonalData) -> int:
        name = await data.find(cual)
        words = await data.corrections.correct_words(name, dice, debe) if dice else 0
        return words + (await data.corrections.correct_contact(name, contact) if contact else 0)

    with explained():
        console.print(say("privacidad.corregido", cuantas=_with_data(settings(), work)), markup=False)


@data_app.command("rewrap", help=say("privacidad.ayuda.rewrap"))
def rewrap() -> None:
    from bot.backup.backup import sources_of
    from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
    from bot.privacy.renewal import rewrap_everything
    from bot.record.engine import open_database
    from bot.record.transcripts.keys import Rewrapped, master_keys

    async def run(config: Settings) -> Rewrapped:
        masters = master_keys(config)
        engine, sessions = open_database(sources_of(config).record, masters=masters)
        kept = [Files(config.home / folder, masters=masters) for folder in (FILES_FOLDER, COMPLAINT_FILES)]
        try:
            return await rewrap_everything(sessions, kept)
        finally:
            await engine.dispose()

    with explained():
        found = asyncio.run(run(settings()))
        console.print(say("privacidad.envueltas", cuantas=found.changed), markup=False)
        if found.unknown:
            console.print(say("privacidad.sin_maestra", cuantas=found.unknown), markup=False)
            raise typer.Exit(1)


def _written(folder: Path, kept: KeptFile, content: EncryptedFile) -> bool:
    """Writes a citizen's file into ``folder``, readable by its owner only; returns False if it cannot be read."""
    from bot.conversation.file_encryption.encrypted_file import FileUnreadable
    from bot.core.disk import replace_file

    try:
        whole = content.read()
    except (FileNotFoundError, FileUnreadable):
        return False
    folder.mkdir(mode=0o700, exist_ok=True)
    replace_file(folder / f"{kept.id[:8]}-{kept.name}", whole)
    return True


def _contact(text: str) -> NewContact:
    """Parses and encrypts a contact. Raises typer.BadParameter if it is invalid."""
    from bot.conversation.addresses import Addresses
    from bot.handoff.callbacks.contact import Contact, read_contact
    from bot.privacy.corrections import NewContact

    found = read_contact(text)
    if not isinstance(found, Contact):
        raise typer.BadParameter(say("privacidad.errores.contacto"))
    addresses = Addresses(settings().secret.get_secret_value())
    return NewContact(found.kind.value, addresses.encrypt(found.value), found.shown)


def _set_blocked(cual: str, *, blocked: bool) -> None:
    async def work(data: PersonalData) -> bool:
        name = await data.find(cual)
        return await (data.corrections.block(name) if blocked else data.corrections.unblock(name))

    with explained():
        changed = _with_data(settings(), work)
        key = ("bloqueado" if blocked else "desbloqueado") if changed else "sin_cambio"
        console.print(say(f"privacidad.{key}"), markup=False)


def _with_data(config: Settings, work: Callable[[PersonalData], Awaitable[Result]]) -> Result:
    """Runs ``work`` on the stores of the settings, or else of the running system; returns its result.

    Raises NotRunning, and the errors of ``work``.
    """
    from bot.backup.backup import sources_of
    from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
    from bot.privacy.personal_data import PersonalData, Stores
    from bot.privacy.record import Trackers
    from bot.record.engine import open_database
    from bot.record.transcripts.keys import master_keys
    from bot.store.client import open_redis
    from bot.store.words_keys import read_lost_keys

    async def run() -> Result:
        sources = sources_of(config)
        redis = open_redis(sources.redis, config.secret.get_secret_value())
        masters = master_keys(config)
        engine, sessions = open_database(sources.record, masters=masters)
        folders = (config.home / folder for folder in (FILES_FOLDER, COMPLAINT_FILES))
        files, complaint_files = (Files(folder, masters=masters) for folder in folders)
        trackers = Trackers(sources.trackers)
        try:
            await read_lost_keys(redis)
            return await work(PersonalData(Stores(sessions, redis, files, complaint_files, trackers, config.home)))
        finally:
            await redis.aclose()
            await engine.dispose()

    return asyncio.run(run())
