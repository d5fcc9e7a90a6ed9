"""Serves ``/desk/institucion``, where an administrator edits the agency's facts and its four-eyes setting.

The facts are in agency.yml, which each process reads when it starts: a change takes effect after the next restart. The
posted form contains the facts as the page showed them, so that only facts that the person changed are written. Facts
that changed in the file meanwhile stay; if the person changed the same fact, the page shows the file's value.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from ruamel.yaml.error import YAMLError

from bot.agency.model import Agency, load_agency
from bot.agency.offices import office_title
from bot.agency.schedule import WEEKDAYS
from bot.channels.formatting.html import markdown_html
from bot.channels.web.site import usual_words
from bot.conversation.readable import readable
from bot.core.disk import sync_folder, write_synced
from bot.core.errors.base import VentanillaError
from bot.core.errors.contents import InvalidAgency
from bot.core.texts import area
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing import record
from bot.desk.pages.agency.closures import closed, typed
from bot.desk.pages.agency.facts import (
    COLOR,
    DELEGATE,
    FACTS,
    FRONT,
    LINES,
    NEEDED,
    SILENT,
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
MOST_LETTERS = dict(zip(FRONT, (60, 80, MAX_LINE), strict=True))
MORE_PLACES = 2  # empty rows for new offices
SHOWN: Mapping[str, Any] = {  # what the template needs whatever the facts are
    "lines": LINES,
    "color": COLOR,
    "most": MOST_LETTERS,
    "delegate": DELEGATE,
    "welcome": WELCOME,
    "days": WEEKDAYS,
    "blank": [Place("", "", "")] * MORE_PLACES,
}
SITE = re.compile(r"https?://[^\s/]+\.[^\s]+")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MAILS = ("correo", "datos_personales.delegado.correo")


class Unusable(VentanillaError):
    """A posted value cannot be used; ``message`` gives the reason, in Spanish."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message


class AgencyPage:
    """The handlers of the agency's page; ``file`` is agency.yml, ``agency`` its content when this process started."""

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
        """Saves the facts that the person changed in the form, unless the file would become invalid."""
        signed_in, form = await self._pages.posted(request, Permission.AGENCY, fresh=True)
        words, posted, shown = area("institucion")["errores"], None, None
        try:
            shown = FACTS.validate_json(str(form.get("visto", "")))
            posted = _posted(form)
            _check(posted, shown)
            if clashes := await self._save(shown, posted, signed_in):
                message = words["cambio"].format(campos=", ".join(f"«{_name(key)}»" for key in clashes))
                return await self._page(signed_in, posted, error=message, status=409)
        except Unusable as error:
            return await self._page(signed_in, posted, shown, error=error.message, status=422)
        except InvalidAgency as error:
            # The file needs quotes around some values; the fields of the page do not.
            problem = str(error.facts.get("problem", "")).replace('"', "")
            message = words["invalido"].format(campo=_name(str(error.facts.get("field", ""))), problema=problem)
            return await self._page(signed_in, posted, shown, error=message, status=422)
        except (OSError, ValueError, YAMLError):
            return await self._page(signed_in, posted, shown, error=words["sin_escribir"], status=503)
        return RedirectResponse(f"{PATH}?hecho=1", 303)

    async def _save(self, shown: Facts, posted: Facts, signed_in: SignedIn) -> list[str]:
        """Writes the changed facts and an audit row.

        If facts that the person changed have also changed in the file, writes nothing and returns their keys.
        """
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
        """Renders the form with ``facts``; a hidden field contains the facts ``shown``. None means the file's facts."""
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
            **SHOWN,
            t=words,
            facts=facts,
            front={key: usual_words(self._agency)[key.partition(".")[2]] for key in FRONT},
            welcome_html=markdown_html(facts.texts[WELCOME]) if facts else "",
            emergencies=emergency_keys(facts.texts) if facts else [],
            name_of=_name,
            seen=FACTS.dump_json(shown).decode() if shown else "",
            now=_differing(facts, shown) if status == 409 and facts and shown else {},
            waits=await asyncio.to_thread(saved_agency, self._file, self._agency) != self._agency,
            done=done,
            error=error,
            file=self._file.name,
        )


def saved_agency(file: Path, running: Agency) -> Agency:
    """Returns the agency that the next start reads from ``file``; ``running`` if the file is invalid."""
    try:
        return load_agency(file)
    except InvalidAgency:
        return running


def _differing(typed: Facts, now: Facts) -> dict[str, str]:
    """Maps the Spanish name of each fact that differs between form and file to the file's value."""
    said = {**now.texts, "horario": "; ".join(f"{day}: {now.hours[day] or '-'}" for day in WEEKDAYS)}
    said["cierres"] = "; ".join(now.closures)
    said["direcciones"] = "; ".join(f"{one.name}: {one.address}" for one in now.places)
    return {_name(key): said[key] for key in changed(now, typed) if key in said}


def _line(form: Any, name: str) -> str:
    return _one_line(str(form.get(name, "")))[: MAX_LINE + 1]


def _one_line(text: str) -> str:
    return " ".join(readable(text).split())


def _posted(form: Any) -> Facts:
    """Returns the posted facts; omits offices without an address, except new ones with a name, which are errors."""
    keys = [str(name) for name in form if str(name) == WELCOME or str(name).startswith("emergencias.")]
    texts = {name: str(form.get(name, "")).replace("\r\n", "\n").strip()[: MAX_TEXT + 1] for name in keys}
    rows = zip(*(form.getlist(name) for name in ("lugar-clave", "lugar-nombre", "lugar-direccion")), strict=False)
    cells = ([_one_line(str(cell))[: MAX_LINE + 1] for cell in row] for row in rows)
    places = [
        Place(key, name or office_title(key), address) for key, name, address in cells if address or (name and not key)
    ]
    days = (_one_line(line)[:MAX_LINE] for line in str(form.get("cierres", "")).splitlines())
    return Facts(
        {name: _line(form, name) for name in (*LINES, *FRONT, COLOR, *DELEGATE)} | texts,
        {day: _line(form, f"horario.{day}") for day in WEEKDAYS},
        places,
        "cuatro_ojos" in form,
        [typed(line) for line in days if line],
    )


def _check(facts: Facts, shown: Facts) -> None:
    """Checks the changed values. Raises Unusable for a value that the file would accept but citizens could not use."""
    words = area("institucion")["errores"]
    emergencies = {key for key in emergency_keys(facts.texts) if not key.endswith(SILENT)}
    needed = {*LINES, WELCOME, *emergencies} - {"correo"}
    for key in set(changed(shown, facts)) & facts.texts.keys():
        value = facts.texts[key]
        if key in needed and not value:
            raise Unusable(words["en_blanco"].format(campo=_name(key)))
        if len(value) > MOST_LETTERS.get(key, MAX_LINE if key in (*LINES, *DELEGATE) else MAX_TEXT):
            raise Unusable(words["largo"].format(campo=_name(key)))
        if key == "sitio" and not SITE.fullmatch(value):
            raise Unusable(words["sitio"])
        if key in MAILS and value and not MAIL.fullmatch(value):
            raise Unusable(words["correo"].format(correo=value))
        if key in emergencies and not emergency_numbers_in(value):
            raise Unusable(words["sin_numero"].format(campo=_name(key)))
    _check_closures(set(facts.closures) - set(shown.closures), words)
    if list(facts.places) != list(shown.places):
        _check_places(facts.places, words)


def _check_closures(lines: Iterable[str], words: Mapping[str, str]) -> None:
    for line in lines:
        try:
            closed(line)
        except ValueError:
            raise Unusable(words["cierre"].format(linea=line)) from None


def _check_places(places: Sequence[Place], words: Mapping[str, str]) -> None:
    if any(max(len(one.name), len(one.address)) > MAX_LINE for one in places):
        raise Unusable(words["largo"].format(campo=_name("direcciones")))
    if not all(one.name and one.address for one in places):
        raise Unusable(words["lugares"])
    if min(len({key_of(one) for one in places}), len({one.name for one in places})) < len(places):
        raise Unusable(words["lugares"])


def _name(key: str) -> str:
    """Returns the Spanish name of a fact; for a reply to emergencies, the name contains the kind."""
    words = area("institucion")
    if key.startswith("emergencias."):
        _, kind, reply = key.split(".")
        return str(
            words["emergencia" if reply == NEEDED else SILENT].format(
                tipo=area("desk")["peligros"]["tipos"].get(kind, kind)
            )
        )
    return str(words["campos"].get(key, key))


def _replace(file: Path, text: str) -> None:
    """Replaces agency.yml with ``text``, atomically and durably.

    Raises InvalidAgency before any change, and OSError.
    """
    fresh = file.with_name(f".{file.name}.new")
    try:
        write_synced(fresh, text.encode())
        load_agency(fresh)
        shutil.copymode(file, fresh)
        os.replace(fresh, file)
        sync_folder(file.parent)
    finally:
        fresh.unlink(missing_ok=True)
