"""Serves ``/desk/opiniones``, the citizens' ratings of support sessions and of answers."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.core.disk import Disk
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.queries.ratings import Ratings

PATH = "/desk/opiniones"


class RatingsPage:
    """The ratings page: counts per score of the last 30 days, the newest ratings, and the ratings of answers."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        ratings: Ratings,
        answer_ratings: AnswerRatings,
        audit: AuditLog,
        disk: Disk,
    ) -> None:
        self._guard = guard
        self._pages = pages
        self._ratings = ratings
        self._answer_ratings = answer_ratings
        self._audit = audit
        self._disk = disk

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)

    async def show(self, request: Request) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.OPINIONS)
        require_room(self._disk)
        await self._audit.record(Action.OPINIONS_VIEWED, staff_id=signed_in.staff.id)
        reader = agent_of(signed_in)
        opens = reader if may(signed_in.staff, Permission.DESK) else None
        if may(signed_in.staff, Permission.FIGURES):
            reader = replace(reader, sees_all=True)
        return self._pages.sheet(
            "opinions.html",
            signed_in,
            here=PATH,
            judged=await self._ratings.latest(reader, opens),
            summary=await self._ratings.summary(reader),
            answer_ratings=await self._answer_ratings.by_entry(),
        )
