"""Serves ``/desk/respuestas/aprobar``, where a second person reads the entries that wait and approves them together.

The form contains the hash of each text that the page shows, and the time for which it asks, so that what changed
meanwhile is not approved.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.approving.checking import DraftChecks
from bot.desk.editing.approving.review_queue import InReview, ReviewQueue, sendings
from bot.desk.editing.approving.together import JointApproval, Outcome
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON
from bot.desk.editing.staff_notices.items import APPROVE
from bot.desk.pages.approving.cards import Card, cards, question_of, reason_of
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.acting import editor_of
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import words_in
from bot.desk.pages.form_fields import number
from bot.desk.views.times import day_and_hour

A_PAGE = 50  # entries, so that their texts can still be read


@dataclass(frozen=True)
class Sending:
    """What one writer sent together, as the page shows it; ``total`` counts those of other pages too."""

    writer: str
    since: str
    total: int
    cards: Sequence[Card]


class ApprovingPage:
    """The page on which several entries are approved together; only with four-eyes."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        queue: ReviewQueue,
        approval: JointApproval,
        checks: DraftChecks,
        agency: Agency,
    ) -> None:
        self._guard, self._pages, self._queue, self._approval = guard, pages, queue, approval
        self._checks, self._agency, self._zone = checks, agency, agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", APPROVE, self.show)
        self._pages.serve(router, "POST", APPROVE, self.post)

    async def show(self, request: Request, pagina: int = 1) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return await self._page(signed_in, pagina)

    async def post(self, request: Request) -> Response:
        """Approves and publishes the ticked entries, and says what became of each."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        page, read = number(form, "pagina"), dict(_read(form.getlist("leida")))
        if not read or not self._agency.four_eyes:
            return await self._page(signed_in, page, empty=True)
        reason = words_in(form, "motivo_efecto", MAX_REASON)
        outcome = await self._approval.approve(read, editor_of(signed_in), reason, area("aprobar_varias")["titulo"])
        return await self._page(signed_in, page, outcome)

    async def _page(
        self, signed_in: SignedIn, number: int, outcome: Outcome | None = None, *, empty: bool = False
    ) -> Response:
        waiting = await self._queue.waiting() if self._agency.four_eyes else []
        mine = [one for one in waiting if signed_in.staff.id in one.authors]
        stuck = await self._queue.stuck() if mine else set()  # a stuck text has every editor among its authors
        groups = sendings([one for one in waiting if signed_in.staff.id not in one.authors])
        pages = max(1, -(-sum(map(len, groups)) // A_PAGE))
        page = min(max(number, 1), pages)
        return self._pages.sheet(
            "entries_approving.html",
            signed_in,
            status=422 if empty else 200,
            here=PATH,
            t=area("aprobar_varias"),
            four_eyes=self._agency.four_eyes,
            sendings=await asyncio.to_thread(self._sendings, groups, page),
            mine=len(mine),
            stuck=[one for one in mine if one.document in stuck],
            number=page,
            last=pages,
            outcome=outcome,
            empty=empty,
            decided=empty or outcome is not None,
            e=area("entradas"),
            bounds=(MIN_REASON, MAX_REASON),
            question_of=question_of,
            reason_of=reason_of,
            when=lambda at: day_and_hour(at, self._zone),
        )

    def _sendings(self, groups: Sequence[Sequence[InReview]], page: int) -> list[Sending]:
        """Returns what page number ``page`` (from 1) shows of the groups; reads files."""
        ordered = [one for some in groups for one in some][(page - 1) * A_PAGE : page * A_PAGE]
        made = {card.entry.document: card for card in cards(ordered, self._agency, self._checks)}
        shown = [(some, [made[one.document] for one in some if one.document in made]) for some in groups]
        return [
            Sending(some[0].writer, day_and_hour(some[0].sent_at, self._zone), len(some), own)
            for some, own in shown
            if own
        ]


def _read(values: Sequence[object]) -> list[tuple[uuid.UUID, str]]:
    """Parses posted values such as «<document's id> <what it decides>»; ignores what is not of this form."""
    found = []
    for value in values:
        id, _, digest = str(value).partition(" ")
        try:
            found.append((uuid.UUID(id), digest))
        except ValueError:
            continue
    return found
