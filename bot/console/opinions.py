"""What citizens thought of the attentions that ended: the page ``/desk/opiniones`` for whoever answers them.

Called by browsers; reads what the recorder wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Text, cast, func, select

from bot.console.audit import Action, AuditLog
from bot.console.gate import Gate
from bot.console.pages import DeskPages
from bot.console.permissions import Permission
from bot.db.engine import Sessions
from bot.db.tables import Opinion, Staff, Ticket

SHOWN = 100
MEAN_OVER = timedelta(days=30)


@dataclass(frozen=True)
class Judged:
    """One opinion: when (in words), who attended, 1 to 5, and the citizen's words."""

    at: str
    staff: str
    score: int
    words: str


@dataclass(frozen=True)
class Summary:
    """Of the last 30 days; ``mean`` is None when nobody said anything."""

    count: int
    mean: float | None


class Opinions:
    """Reads opinions from the record."""

    def __init__(self, sessions: Sessions, timezone: str) -> None:
        self._sessions = sessions
        self._zone = ZoneInfo(timezone)

    async def latest(self) -> list[Judged]:
        """The newest first, at most SHOWN."""
        query = (
            select(Opinion.at, Opinion.score, Opinion.words, Staff.name)
            .outerjoin(Ticket, Ticket.id == Opinion.ticket_id)
            .outerjoin(Staff, cast(Staff.id, Text) == Ticket.claimed_by)
            .order_by(Opinion.at.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [
            Judged(at.astimezone(self._zone).strftime("%d-%m-%Y %H:%M"), name or "", score, words)
            for at, score, words, name in rows
        ]

    async def summary(self) -> Summary:
        since = datetime.now(UTC) - MEAN_OVER
        query = select(func.count(), func.avg(Opinion.score)).where(Opinion.at >= since)
        async with self._sessions() as session:
            count, mean = (await session.execute(query)).one()
        return Summary(count, None if mean is None else round(float(mean), 1))


class OpinionsPage:
    """The page: newest first, with the mean of the last 30 days."""

    def __init__(self, *, gate: Gate, pages: DeskPages, opinions: Opinions, audit: AuditLog) -> None:
        self._gate = gate
        self._pages = pages
        self._opinions = opinions
        self._audit = audit

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", "/desk/opiniones", self.show)

    async def show(self, request: Request) -> HTMLResponse:
        who = await self._gate.page(request, Permission.OPINIONS)
        await self._audit.record(Action.OPINIONS_VIEWED, staff_id=who.staff.id)
        return self._pages.sheet(
            "opinions.html", who, judged=await self._opinions.latest(), summary=await self._opinions.summary()
        )
