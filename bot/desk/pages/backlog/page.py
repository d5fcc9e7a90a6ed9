"""Serves ``/desk/bandeja``, the editors' backlog, and the requests of its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.disk import Disk
from bot.core.texts import area, say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.backlog.deciding import Choice, Deciding, Done
from bot.desk.pages.backlog.undoing import Undoing, Undone
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.acting import editor_of
from bot.desk.pages.facts import facts_json
from bot.desk.pages.form_fields import number
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.faq.entries.entry import Published
from bot.learning.backlog.decisions import Decisions, Kind
from bot.learning.backlog.groups import Backlog, Group

PATH = "/desk/bandeja"
SHOWN = 50
MOST_ITEMS = 10_000
MOST_CHARACTERS = 300
Words = Mapping[str, Any]
NOTHING_DONE = Done()


@dataclass(frozen=True)
class Shown:
    """A group as the page shows it, with Spanish texts in ``count``, ``trend`` and ``sources``.

    ``entries`` and ``denied`` are pairs of id and question. ``rises`` is true if more citizens asked than the week
    before.
    """

    group: Group
    count: str
    trend: str
    rises: bool
    sources: Sequence[str]
    entries: Sequence[tuple[str, str]]
    denied: Sequence[tuple[str, str]]


class BacklogPage:
    """The handlers of the backlog page and of the JSON requests of its script, which post the same form."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        backlog: Backlog,
        deciding: Deciding,
        undoing: Undoing,
        decisions: Decisions,
        answer_ratings: AnswerRatings,
        faq: Published,
        agency: Agency,
        audit: AuditLog,
        disk: Disk,
    ) -> None:
        self._guard, self._pages, self._backlog = guard, pages, backlog
        self._deciding, self._undoing, self._decisions = deciding, undoing, decisions
        self._answer_ratings, self._disk = answer_ratings, disk
        self._faq, self._agency, self._audit = faq, agency, audit

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.post)
        router.add_api_route("/desk/api/backlog", self.decide, methods=["POST"])
        router.add_api_route("/desk/api/backlog/{decision}/undo", self.undo, methods=["POST"])

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        require_room(self._disk)
        await self._audit.record_view(Action.BACKLOG_VIEWED, staff_id=signed_in.staff.id)
        return await self._page(signed_in)

    async def post(self, request: Request) -> Response:
        """Carries out or undoes a decision that was posted without the page's script."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        if form.get("que") == "deshacer":
            undone = await self._undo(number(form, "decision"), signed_in)
            done = Done(undone.message) if undone.undone else Done(warning=undone.message)
            return await self._page(signed_in, done)
        return await self._page(signed_in, await self._decide(form, signed_in))

    async def decide(self, request: Request) -> dict[str, Any]:
        """Carries out the posted decision; returns the result (Done) as JSON."""
        signed_in, form = await self._guard.changing_form(request, Permission.ENTRIES)
        return asdict(await self._decide(form, signed_in))

    async def undo(self, request: Request, decision: int) -> dict[str, Any]:
        """Undoes a decision; returns the result (Undone) as JSON."""
        signed_in = await self._guard.change(request, Permission.ENTRIES)
        return asdict(await self._undo(decision, signed_in))

    async def _undo(self, decision: int, signed_in: SignedIn) -> Undone:
        return await self._undoing.undo(decision, editor_of(signed_in))

    async def _decide(self, form: Any, signed_in: SignedIn) -> Done:
        return await self._deciding.decide(_choice(form), editor_of(signed_in))

    async def _page(self, signed_in: SignedIn, done: Done = NOTHING_DONE) -> Response:
        words, questions = area("bandeja"), {one.id: one.question for one in reversed(self._faq.entries)}
        groups = await self._backlog.waiting()
        return self._pages.sheet(
            "backlog.html",
            signed_in,
            here=PATH,
            b=words,
            done=done,
            shown=[_shown(one, questions, words) for one in groups[:SHOWN]],
            total=len(groups),
            mine=await self._decisions.recent(signed_in.staff.id, datetime.now(UTC)),
            questions=sorted(questions.values()),
            names_body=not self._agency.four_eyes,
            answer_ratings=await self._answer_ratings.by_entry(),
            facts=facts_json(signed_in, self._agency),
        )


def _choice(form: Any) -> Choice:
    """Parses the choice in the posted form. Raises Refused if its decision is unknown."""
    try:
        kind = Kind(str(form.get("que", "")))
    except ValueError as error:
        raise Refused(422, "no_kind", say("bandeja.errores.sin_decision")) from error
    items = [int(one) for one in str(form.get("items", "")).split(",") if one.isdecimal() and len(one) < 16]
    other = _line(form.get("otra"))
    return Choice(
        items=items[:MOST_ITEMS],
        kind=kind,
        texts=[text for one in form.getlist("frase") if (text := _line(one))],
        entry=other or _line(form.get("respuesta")),
        denied=_line(form.get("negada")),
        team=_line(form.get("equipo")),
        replies=[str(one)[:4000].strip() for one in form.getlist("contestado")],
        name=_line(form.get("nombre")),
        body=_line(form.get("organismo")),
        url=_line(form.get("url")),
        sure=number(form, "segura") == 1,
    )


def _line(value: object) -> str:
    return " ".join(str(value or "").split())[:MOST_CHARACTERS]


def _shown(group: Group, questions: Mapping[str, str], words: Words) -> Shown:
    people, trend = words["personas"], words["tendencia"]
    key = "sube" if group.this_week > group.week_before else "baja" if group.this_week < group.week_before else "igual"
    return Shown(
        group,
        people["una"] if group.citizens == 1 else people["varias"].format(n=group.citizens),
        trend[key].format(ahora=group.this_week, antes=group.week_before),
        key == "sube",
        _sources(group, words),
        [(id, questions[id]) for id in group.entries if id in questions],
        [(id, questions[id]) for id in group.denied if id in questions],
    )


def _sources(group: Group, words: Words) -> list[str]:
    """Returns Spanish texts for why the messages are in the backlog, and why citizens found answers unhelpful."""
    reasons = area("mesa")["respuestas_utiles"]["motivos"]
    why = [f"«{reasons.get(reason, reason)}»: {count}" for reason, count in group.reasons]
    return [*(words["origenes"][source.value].format(n=count) for source, count in group.sources), *why]
