"""Serves ``/desk/opiniones``, the citizens' ratings of past support sessions, as the recorder stored them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import ColumnElement, Text, cast, func, or_, select, true

from bot.core.disk import Disk
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Rating, Staff, Ticket

SHOWN = 100
MEAN_OVER = timedelta(days=30)


@dataclass(frozen=True)
class Judged:
    """A rating as the page shows it: formatted time, agent's name, score from 1 to 5, and the citizen's comment."""

    at: str
    staff: str
    score: int
    words: str


@dataclass(frozen=True)
class Summary:
    """The number and mean of the ratings in the last 30 days; ``mean`` is None if there are none."""

    count: int
    mean: float | None


class Ratings:
    """Reads ratings from PostgreSQL."""

    def __init__(self, sessions: Sessions, timezone: str) -> None:
        self._sessions = sessions
        self._zone = ZoneInfo(timezone)

    async def latest(self, reader: Agent) -> list[Judged]:
        """Returns at most SHOWN ratings of the reader's teams and of sessions the reader attended, newest first."""
        query = (
            select(Rating.at, Rating.score, Rating.words, Staff.name)
            .outerjoin(Ticket, Ticket.id == Rating.ticket_id)
            .outerjoin(Staff, cast(Staff.id, Text) == Ticket.claimed_by)
            .where(_seen_by(reader))
            .order_by(Rating.at.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [
            Judged(at.astimezone(self._zone).strftime("%d-%m-%Y %H:%M"), name or "", score, words)
            for at, score, words, name in rows
        ]

    async def summary(self, reader: Agent) -> Summary:
        since = datetime.now(UTC) - MEAN_OVER
        of_ticket = select(func.count(), func.avg(Rating.score)).outerjoin(Ticket, Ticket.id == Rating.ticket_id)
        query = of_ticket.where(Rating.at >= since, _seen_by(reader))
        async with self._sessions() as session:
            count, mean = (await session.execute(query)).one()
        return Summary(count, None if mean is None else round(float(mean), 1))


def _seen_by(reader: Agent) -> ColumnElement[bool]:
    return or_(Ticket.team.in_(reader.teams), Ticket.claimed_by == reader.id) if reader.teams else true()


class RatingsPage:
    """The ratings page: the newest ratings and the mean of the last 30 days."""

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
        self._pages.serve(router, "GET", "/desk/opiniones", self.show)

    async def show(self, request: Request) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.OPINIONS)
        require_room(self._disk)
        await self._audit.record(Action.OPINIONS_VIEWED, staff_id=signed_in.staff.id)
        reader = agent_of(signed_in)
        if may(signed_in.staff, Permission.FIGURES):
            reader = replace(reader, sees_all=True)
        judged, summary = await self._ratings.latest(reader), await self._ratings.summary(reader)
        rated = await self._answer_ratings.by_entry()
        return self._pages.sheet("opinions.html", signed_in, judged=judged, summary=summary, answer_ratings=rated)
