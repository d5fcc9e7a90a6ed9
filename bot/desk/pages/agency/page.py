"""Serves ``/desk/institucion``, where an administrator edits the facts of the agency that citizens read.

The facts are in agency.yml, which each process reads when it starts: a change is used after the next restart. The page
contains the facts that it showed, so that only those which the person changed are written; whatever changed in the file
meanwhile stays, or is shown if it is the same fact.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from ruamel.yaml.error import YAMLError

from bot.agency.model import Agency, load_agency
from bot.agency.offices import office_title
from bot.agency.schedule import WEEKDAYS
from bot.conversation.readable import readable
from bot.core.errors import InvalidAgency, VentanillaError
from bot.core.texts import area
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing import record
from bot.desk.editing.text import sync_folder
from bot.desk.pages.agency.facts import (
    DELEGATE,
    FACTS,
    LINES,
    WELCOME,
    Facts,
    Place,
    changed,
    emergency_keys,
    key_of,
    merged,
    read,
    written,
)
from bot.desk.pages.base import DeskPages
from bot.record.engine import Sessions
from bot.text.emergency_numbers import emergency_numbers_in

PATH = "/desk/institucion"
MAX_LINE, MAX_TEXT = 200, 2000
MORE_PLACES = 2  # empty rows for new offices
SITE = re.compile(r"https?://[^\s/]+\.[^\s]+")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MAILS = ("correo", "datos_personales.delegado.correo")


class Unusable(VentanillaError):
    """A posted value cannot be used; ``told`` says why, in Spanish."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.told = told


class AgencyPage:
    """The handlers of the page; ``file`` is agency.yml, ``agency`` what this process has read from it."""

    def __init__(self, *, guard: Guard, pages: DeskPages, sessions: Sessions, agency: Agency, file: Path) -> None:
        self._guard, self._pages, self._sessions = guard, pages, sessions
        self._agency, self._file = agency, file.resolve()

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.change)

    async def show(self, request: Request, hecho: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.AGENCY, fresh=True)
        return await self._page(signed_in, done=bool(hecho))

    async def change(self, request: Request) -> Response:
        """Writes the posted facts that the person changed into the file, if the file with them is valid."""
        signed_in, form = await self._pages.posted(request, Permission.AGENCY, fresh=True)
        words, posted, shown = area("institucion")["errores"], None, None
        try:
            shown = FACTS.validate_json(str(form.get("visto", "")))
            posted = _posted(form)
            _check(posted, shown)
            if clashes := await self._save(shown, posted, signed_in):
                told = words["cambio"].format(campos=", ".join(f"«{_name(key)}»" for key in clashes))
                return await self._page(signed_in, posted, error=told, status=409)
        except Unusable as error:
            return await self._page(signed_in, posted, shown, error=error.told, status=422)
        except InvalidAgency as error:
            told = words["invalido"].format(
                campo=_name(str(error.facts.get("field", ""))), problema=error.facts.get("problem", "")
            )
            return await self._page(signed_in, posted, shown, error=told, status=422)
        except (OSError, ValueError, YAMLError):
            return await self._page(signed_in, posted, shown, error=words["sin_escribir"], status=503)
        return RedirectResponse(f"{PATH}?hecho=1", 303)

    async def _save(self, shown: Facts, posted: Facts, signed_in: SignedIn) -> list[str]:
        """Writes the file and the row of the audit; or returns the facts that the file changed in another way."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            text = await asyncio.to_thread(self._file.read_text, encoding="utf-8")
            facts, clashes = merged(shown, posted, read(text))
            fresh = written(text, facts)
            if not clashes and fresh != text:
                fields = ", ".join(changed(read(text), read(fresh)))
                add_audit(session, Action.AGENCY_CHANGED, staff_id=signed_in.staff.id, fields=fields)
                await session.flush()
                await asyncio.to_thread(_replace, self._file, fresh)
        return clashes

    async def _page(
        self,
        signed_in: SignedIn,
        facts: Facts | None = None,
        shown: Facts | None = None,
        *,
        done: bool = False,
        error: str = "",
        status: int = 200,
    ) -> Response:
        """Returns the page with ``facts``, and with those ``shown`` before; the file's facts instead of None."""
        words = area("institucion")
        with suppress(OSError, ValueError, YAMLError):
            now = read(await asyncio.to_thread(self._file.read_text, encoding="utf-8"))
            facts, shown = facts or now, shown or now
        if facts is None:
            error, status = error or words["errores"]["no_se_lee"], 422 if status == 200 else status
        return self._pages.sheet(
            "agency.html",
            signed_in,
            here=PATH,
            status=status,
            t=words,
            facts=facts,
            lines=LINES,
            delegate=DELEGATE,
            welcome=WELCOME,
            emergencies=emergency_keys(facts.texts) if facts else [],
            days=WEEKDAYS,
            blank=[Place("", "", "")] * MORE_PLACES,
            kinds=area("desk")["peligros"]["tipos"],
            seen=FACTS.dump_json(shown).decode() if shown else "",
            now=_differing(facts, shown) if status == 409 and facts and shown else {},
            waits=await asyncio.to_thread(self._waits),
            done=done,
            error=error,
            file=self._file.name,
        )

    def _waits(self) -> bool:
        """Returns whether the file has other values than this process, which reads it only when it starts."""
        try:
            return load_agency(self._file) != self._agency
        except InvalidAgency:
            return False


def _differing(typed: Facts, now: Facts) -> dict[str, str]:
    """Returns what the file says instead of the facts that were typed, by their Spanish names."""
    said = {**now.texts, "horario": "; ".join(f"{day}: {now.hours[day] or '-'}" for day in WEEKDAYS)}
    said["direcciones"] = "; ".join(f"{one.name}: {one.address}" for one in now.places)
    return {_name(key): said[key] for key in changed(now, typed) if key in said}


def _line(form: Any, name: str) -> str:
    return " ".join(readable(str(form.get(name, ""))).split())[: MAX_LINE + 1]


def _posted(form: Any) -> Facts:
    """Returns the posted facts; a row of an office without an address is left out."""
    keys = [str(name) for name in form if str(name) == WELCOME or str(name).startswith("emergencias.")]
    texts = {name: str(form.get(name, "")).replace("\r\n", "\n").strip()[: MAX_TEXT + 1] for name in keys}
    rows = zip(*(form.getlist(name) for name in ("lugar-clave", "lugar-nombre", "lugar-direccion")), strict=False)
    cells = ([" ".join(readable(str(cell)).split())[: MAX_LINE + 1] for cell in row] for row in rows)
    places = [
        Place(key, name or office_title(key), address) for key, name, address in cells if address or (name and not key)
    ]
    return Facts(
        {name: _line(form, name) for name in (*LINES, *DELEGATE)} | texts,
        {day: _line(form, f"horario.{day}") for day in WEEKDAYS},
        places,
        "cuatro_ojos" in form,
    )


def _check(facts: Facts, shown: Facts) -> None:
    """Raises Unusable for a changed value that citizens could not use, which the file itself would accept."""
    words = area("institucion")["errores"]
    needed = {*LINES, WELCOME, *emergency_keys(facts.texts)} - {"correo"}
    for key in set(changed(shown, facts)) & facts.texts.keys():
        value = facts.texts[key]
        if key in needed and not value:
            raise Unusable(words["en_blanco"].format(campo=_name(key)))
        if len(value) > (MAX_LINE if key in (*LINES, *DELEGATE) else MAX_TEXT):
            raise Unusable(words["largo"].format(campo=_name(key)))
        if key == "sitio" and not SITE.fullmatch(value):
            raise Unusable(words["sitio"])
        if key in MAILS and value and not MAIL.fullmatch(value):
            raise Unusable(words["correo"].format(correo=value))
        if key.startswith("emergencias.") and not emergency_numbers_in(value):
            raise Unusable(words["sin_numero"].format(campo=_name(key)))
    if list(facts.places) != list(shown.places):
        _check_places(facts.places, words)


def _check_places(places: Sequence[Place], words: Mapping[str, str]) -> None:
    if any(max(len(one.name), len(one.address)) > MAX_LINE for one in places):
        raise Unusable(words["largo"].format(campo=_name("direcciones")))
    if not all(one.name and one.address for one in places):
        raise Unusable(words["lugares"])
    if min(len({key_of(one) for one in places}), len({one.name for one in places})) < len(places):
        raise Unusable(words["lugares"])


def _name(key: str) -> str:
    """Returns the Spanish name of a fact; that of an emergency's reply names its kind."""
    words = area("institucion")
    if key.startswith("emergencias."):
        kind = key.split(".")[1]
        return str(words["emergencia"].format(tipo=area("desk")["peligros"]["tipos"].get(kind, kind)))
    return str(words["campos"].get(key, key))


def _replace(file: Path, text: str) -> None:
    """Replaces agency.yml by ``text``, at once and durably. Raises InvalidAgency before anything changes; OSError."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as made:
            made.write(text)
            made.flush()
            os.fsync(made.fileno())
        load_agency(fresh)
        shutil.copymode(file, fresh)
        os.replace(fresh, file)
        sync_folder(file.parent)
    finally:
        fresh.unlink(missing_ok=True)
