"""Reads citizens' newest ratings of support sessions, and counts the ratings of the last 30 days per score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, true

from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Rating, Staff, Ticket
from bot.record.tables.privacy import blocked_conversations

SHOWN = 100
SUMMARY_OVER = timedelta(days=30)
SCORES = (5, 4, 3, 2, 1)


@dataclass(frozen=True)
class ShownRating:
    """A rating as the page shows it: formatted time, agent's name, score from 1 to 5, and the citizen's comment.

    ``conversation`` is '' if the reader may not open it at the desk.
    """

    at: str
    staff: str
    score: int
    words: str
    conversation: str


@dataclass(frozen=True)
class Summary:
    """The number of ratings per score in the last 30 days; every score of SCORES is present."""

    by_score: dict[int, int]

    @property
    def count(self) -> int:
        return sum(self.by_score.values())

    @property
    def mean(self) -> float | None:
        """Returns the mean score, rounded to one decimal; None if there are no ratings."""
        total = sum(score * count for score, count in self.by_score.items())
        return round(total / self.count, 1) if self.count else None


class Ratings:
    """Reads ratings from PostgreSQL."""

    def __init__(self, sessions: Sessions, timezone: str) -> None:
        self._sessions = sessions
        self._zone = ZoneInfo(timezone)

    async def latest(self, reader: Agent, opens: Agent | None = None) -> list[ShownRating]:
        """Returns the newest ratings, at most SHOWN, of the teams that ``reader`` serves and of the reader's sessions.

        ``opens`` is the same person with the rights they have at the desk, which may be fewer; None if they may not use
        it. A rating has its conversation's id only if ``opens`` may read that conversation, else ''. Leaves out blocked
        conversations.
        """
        query = (
            select(Rating, Staff.name, (_within(opens) if opens else ~true()).label("opens"))
            .outerjoin(Ticket, Ticket.id == Rating.ticket_id)
            .outerjoin(Staff, cast(Staff.id, Text) == Ticket.claimed_by)
            .where(_within(reader), Rating.conversation_id.not_in(blocked_conversations()))
            .order_by(Rating.at.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [
            ShownRating(
                at=rating.at.astimezone(self._zone).strftime("%d-%m-%Y %H:%M"),
                staff=name or "",
                score=rating.score,
                words=rating.words,
                conversation=rating.conversation_id if may_open else "",
            )
            for rating, name, may_open in rows
        ]

    async def summary(self, reader: Agent) -> Summary:
        query = (
            select(Rating.score, func.count())
            .outerjoin(Ticket, Ticket.id == Rating.ticket_id)
            .where(Rating.at >= datetime.now(UTC) - SUMMARY_OVER, _within(reader))
            .group_by(Rating.score)
        )
        async with self._sessions() as session:
            found = {score: count for score, count in (await session.execute(query)).all()}
        return Summary({score: found.get(score, 0) for score in SCORES})


def _within(reader: Agent) -> ColumnElement[bool]:
    return or_(Ticket.team.in_(reader.teams), Ticket.claimed_by == reader.id) if reader.teams else true()
