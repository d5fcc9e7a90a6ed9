"""Carries out the actions of the buttons on an entry's page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.agency.model import Agency
from bot.core.errors.base import VentanillaError
from bot.desk.auth.guard import check_may
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Editions
from bot.desk.editing.form import Form, form_of, path_for, with_form
from bot.desk.editing.links import UnitLinks
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON, Gate, Judged
from bot.desk.editing.minor import is_minor
from bot.desk.editing.opened import Opened
from bot.desk.editing.publisher import NothingToPublish, Publisher
from bot.desk.editing.record import Editor, Origin, State, Way
from bot.desk.editing.repair import DraftOpen
from bot.desk.editing.reviews import Reviews, Then
from bot.desk.editing.second_look import SecondLooks
from bot.desk.editing.staff_notices.notifier import EntryNotifier
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.expiry import NoDate, check_date
from bot.desk.pages.entries.posted import moment, words_in
from bot.desk.pages.form_fields import number
from bot.faq.entries.folder import load_files, read_files
from bot.faq.entries.phrases import phrases_name
from bot.faq.entries.problem import Problem, Severity

WAYS = {"corregir": Way.MINOR, "urgente": Way.URGENT}
APPROVES = {"aprobar": Then.AS_ASKED, "aprobar_ahora": Then.NOW, "aprobar_fecha": Then.AT, "aprobar_solo": Then.LATER}
SAVED = {"reintentar", "publicar_aprobada"}  # buttons that publish the saved text, without saving the form first
FORWARD = {"enviar", "programar", "publicar", "corregir", *APPROVES, *SAVED}
DATED = {"programar", "aprobar_fecha"}
LIVE = {"publicar", *APPROVES} - {"aprobar_solo"}  # publish now or on a date, so that the effect is measured first


class NoReason(VentanillaError):
    """A change that needs a reason has no reason, or too short a reason."""


class NeverPublished(VentanillaError):
    """A version that was never published cannot be published again at once."""


@dataclass(frozen=True)
class Stopped:
    """The change loses test messages or utterances, or cannot be measured, so the button ``what`` requires a reason."""

    what: str


@dataclass(frozen=True, kw_only=True)
class EntryServices:
    """The services that the buttons of an entry use."""

    editions: Editions
    reviews: Reviews
    publisher: Publisher
    gate: Gate
    looks: SecondLooks
    notifier: EntryNotifier
    links: UnitLinks


@dataclass(frozen=True)
class Linked:
    """A new link by which the ``unit`` can review the text; its secret (``token``) is shown only this once."""

    unit: str
    token: str


Done = str | list[Problem] | Stopped | Linked


class EntryActs:
    """Carries out the buttons' actions.

    ``act`` returns the key of a success message or a new link (Linked). If the action was prevented, it returns the
    text's problems or Stopped.
    """

    def __init__(self, work: EntryServices, agency: Agency, faq_dir: Path) -> None:
        self._work, self._agency, self._faq_dir = work, agency, faq_dir
        self._zone = agency.zone

    async def act(self, what: str, opened: Opened, form: Any, signed_in: SignedIn) -> Done:
        """Carries out the action of the button ``what``.

        Raises DraftOpen if a draft prevents the action, and Refused if ``what`` is "urgente" and the person may not
        publish urgently. Also raises NoDate, EndsBefore, NoReason, the errors of form.py, and those of the services in
        EntryServices.
        """
        id, by, work = opened.document.id, editor_of(signed_in), self._work
        match what:
            case _ if what in FORWARD:
                return await self._advance(what, opened, form, by)
            case "urgente":
                return await self._urgent(opened, form, signed_in)
            case "retirar":
                kept = await work.publisher.withdraw(id, by, reason_in(form, "motivo_retiro"), self.today())
                return "retirar_aparte" if kept else "retirar"
            case "volver":
                await work.editions.restore(id, number(form, "revision"), by)
            case "reponer":
                return await self._roll_back(opened, number(form, "revision"), by)
            case "vigente":
                return await self._still_valid(opened, form, by)
            case "pedir_visto_bueno":
                return await self._ask_unit(opened, words_in(form, "unidad", 120), by)
            case _:
                return await self._tidy(what, opened, form, by)
        return what

    async def repair(self, opened: Opened, form: Any, by: Editor) -> Done:
        """Publishes the draft that repairs a broken file, or sends it to review if four-eyes requires that."""
        published, text = opened.published, opened.text
        what = "publicar"
        if self._agency.four_eyes and text != published:
            what = "corregir" if published and is_minor(published, text) else "enviar"
        return await self._forward(what, opened, form, by)

    async def _tidy(self, what: str, opened: Opened, form: Any, by: Editor) -> str:
        id, editions = opened.document.id, self._work.editions
        match what:
            case "descartar":
                return "descartar_disco" if await editions.discard(id, by) else what
            case "devolver":
                reason = reason_in(form, "motivo_devolver")
                await self._work.reviews.give_back(id, words_in(form, "hash", 64), reason, by)
            case "confirmar":
                await self._work.looks.confirm(id, words_in(form, "publicada", 64), by)
            case "seguir":
                await editions.rebase(id, words_in(form, "publicada", 64), number(form, "disco"), by)
            case "comentar":
                if words := words_in(form, "comentario", 2000):
                    await editions.comment(id, opened.text.hash, words, by)
        return what

    async def _advance(self, what: str, opened: Opened, form: Any, by: Editor) -> Done:
        """Carries out a button of FORWARD; an edition that is approved and unchanged is not sent to review again.

        Raises NothingToPublish without an edition, because the form is the published text.
        """
        if opened.edition is None:
            raise NothingToPublish
        if what == "enviar" and opened.is_approved:
            return "aprobar_solo"
        return await self._forward("publicar" if what in SAVED else what, opened, form, by)

    async def _forward(self, what: str, opened: Opened, form: Any, by: Editor) -> Done:
        """Sends, schedules, approves or publishes the edition, unless the text has errors or the gate stops it."""
        id, text = opened.document.id, opened.text
        path = path_for(opened.document.path, text)
        if wrong := await asyncio.to_thread(self.errors, text, path, opened.document.path):
            return wrong
        at = moment(form, "cuando", self._zone) if what in DATED else None
        if what in DATED:
            check_date(text, at)
        is_free = opened.is_approved or not self._agency.four_eyes  # needs no further approval
        judged = Judged(None, passes=True)
        if what in LIVE or (what == "programar" and is_free):
            reason = words_in(form, "motivo_efecto", MAX_REASON)
            judged = await self._work.gate.judge({path: text}, reason, by, str(id))
        if not judged.passes:
            return Stopped(what)
        if what in {"enviar", "programar"}:
            state = State.SCHEDULED if at and is_free else State.REVIEW
            await self._work.editions.send(id, state, by, at, judged.accepted, expected=text.hash)
            return "enviar_fecha" if at and state is State.REVIEW else what
        if what in APPROVES:
            digest, then = words_in(form, "hash", 64), APPROVES[what]
            if not await self._work.reviews.approve(id, digest, by, then, at, judged.accepted):
                return "aprobar_solo" if then is Then.LATER else "aprobar"
        way = WAYS.get(what, Way.APPROVED)
        await self._work.publisher.publish(id, path, by, way=way, expected=text.hash)
        return "corregir" if what == "corregir" else "publicar"

    async def _urgent(self, opened: Opened, form: Any, signed_in: SignedIn) -> Done:
        check_may(signed_in, Permission.URGENT)
        by, text, reason = editor_of(signed_in), opened.text, reason_in(form, "motivo_urgente")
        path = path_for(opened.document.path, text)
        if wrong := await asyncio.to_thread(self.errors, text, path, opened.document.path):
            return wrong
        await self._work.publisher.publish(
            opened.document.id, path, by, way=Way.URGENT, reason=reason, expected=text.hash
        )
        await self._work.notifier.urgent(form_of(text).fields["pregunta"], by, reason)
        return "urgente"

    async def _roll_back(self, opened: Opened, revision: int, by: Editor) -> Done:
        """Publishes the text of an earlier revision again, at once; an open draft becomes a revision.

        Raises NothingToPublish if the page does not show such a revision, and NeverPublished.
        """
        id = opened.document.id
        found = next((one for one in opened.revisions if one.id == revision), None)
        if found is None:
            raise NothingToPublish
        if found.hash not in opened.once_published:
            raise NeverPublished
        text = EntryText(found.content, found.phrases)
        path = path_for(opened.document.path, text)
        if wrong := await asyncio.to_thread(self.errors, text, path, opened.document.path):
            return wrong
        await self._work.editions.restore(id, revision, by, goes_live=True)
        await self._work.publisher.publish(id, path, by, way=Way.ROLLBACK, expected=text.hash)
        return "reponer"

    async def _still_valid(self, opened: Opened, form: Any, by: Editor) -> Done:
        """Publishes the entry unchanged except for its dates: reviewed today and valid until the posted date.

        Raises DraftOpen, NoDate, and NothingToPublish if no text is published.
        """
        published = opened.published
        if opened.edition is not None:
            raise DraftOpen
        if published is None:
            raise NothingToPublish
        text = confirmed(published, self.today(), words_in(form, "vence", 10))
        path = opened.document.path
        if wrong := await asyncio.to_thread(self.errors, text, path, path):
            return wrong
        await self._work.editions.replace(opened.document.id, text, by, goes_live=True)
        await self._work.publisher.publish(opened.document.id, path, by, way=Way.MINOR, expected=text.hash)
        return "vigente"

    async def _ask_unit(self, opened: Opened, unit: str, by: Editor) -> Done:
        path = path_for(opened.document.path, opened.text)
        if wrong := await asyncio.to_thread(self.errors, opened.text, path, opened.document.path):
            return wrong
        unit = unit or form_of(opened.text).fields["responsable"]
        return Linked(unit, await self._work.links.make(opened.document.id, unit, by))

    def errors(self, text: EntryText, path: str, old: str) -> list[Problem]:
        """Returns the errors of ``text`` as the file ``path``, checked with all other files except ``old``."""
        return self.errors_in({name: content for name, content in text.files(path).items() if content}, path, old)

    def errors_in(self, files: Mapping[str, bytes], path: str, old: str = "") -> list[Problem]:
        """Returns the errors of the files of the entry ``path``, checked like ``errors``."""
        names = {path, phrases_name(path)}
        replaced = {old or path, phrases_name(old or path)}
        there = read_files(self._faq_dir)
        others = {name: content for name, content in there.items() if name not in replaced}
        newcomers = {path} - there.keys()
        problems = load_files({**others, **files}, self._agency.teams, newcomers=newcomers).problems
        return [one for one in problems if one.severity is Severity.ERROR and one.file in names]

    def is_broken(self, path: str) -> bool:
        """Returns whether the entry's files on the disk have errors of their own, so that an older text is served."""
        names = (path, phrases_name(path))
        files = {name: (self._faq_dir / name).read_bytes() for name in names if (self._faq_dir / name).is_file()}
        return any(one.severity is Severity.ERROR for one in load_files(files, self._agency.teams).problems)

    def today(self) -> date:
        return self._agency.today()


def confirmed(text: EntryText, today: date, expires: str) -> EntryText:
    """Returns the text with today as review date and, if it expires, ``expires`` (2027-03-31) as its last day.

    Raises NoDate if ``expires`` is not a date, or not after today, and NotAForm.
    """
    form = form_of(text)
    dates: Mapping[str, str] = {"revisado": today.isoformat()}
    if form.fields["vence"]:
        try:
            until = date.fromisoformat(expires)
        except ValueError as error:
            raise NoDate from error
        if until <= today:
            raise NoDate
        dates = {**dates, "vence": until.isoformat()}
    changed: Form = replace(form, fields={**form.fields, **dates})
    return with_form(text, changed)


def reason_in(form: Any, name: str) -> str:
    """Returns the posted reason. Raises NoReason if it has fewer than MIN_REASON characters."""
    reason = words_in(form, name, MAX_REASON)
    if len(reason) < MIN_REASON:
        raise NoReason
    return reason


def editor_of(signed_in: SignedIn) -> Editor:
    return Editor(signed_in.staff.id, signed_in.staff.name, Origin.PAGE)
