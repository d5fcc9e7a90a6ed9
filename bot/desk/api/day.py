"""Serves an agent's own statistics for the day, which the account menu shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlalchemy import text

from bot.desk.api.tickets import NO_STORE
from bot.desk.auth.guard import Guard
from bot.record.engine import Sessions

# Agents are identified by their ids in the audit log: names change, and two agents may have the same name.
FIGURES = text("""
  WITH taken AS (SELECT * FROM tickets WHERE claimed_by = :staff AND claimed_at >= :since),
       answered AS (
         SELECT taken.id, taken.claimed_at, min(m.at) AS at
         FROM taken JOIN audit a ON a.subject = taken.id AND a.at >= :since
           AND a.staff_id::text = :staff AND a.action IN ('ticket_replied', 'file_sent')
         JOIN messages m ON m.conversation_id = taken.conversation_id AND m.event_id = a.detail ->> 'event'
         WHERE m.at >= taken.claimed_at
         GROUP BY taken.id, taken.claimed_at),
       waited AS (
         SELECT extract(epoch FROM answered.at - greatest(answered.claimed_at, max(a.at))) AS seconds
         FROM answered LEFT JOIN audit a ON a.subject = answered.id AND a.at BETWEEN :since AND answered.at
           AND (a.action = 'ticket_claimed' AND a.staff_id::text = :staff
             OR a.action = 'ticket_moved' AND a.detail ->> 'to' = :staff)
         GROUP BY answered.id, answered.at, answered.claimed_at)
  SELECT (SELECT count(*) FROM taken) AS taken,
         (SELECT count(*) FROM closings WHERE staff_id::text = :staff AND at >= :since) AS closed,
         (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM waited) AS first_answer,
         (SELECT count(*) FROM ratings o JOIN tickets t ON t.id = o.ticket_id
          WHERE t.claimed_by = :staff AND o.at >= :since) AS ratings,
         (SELECT avg(o.score) FROM ratings o JOIN tickets t ON t.id = o.ticket_id
          WHERE t.claimed_by = :staff AND o.at >= :since) AS mean
""")


class DayApi:
    """The handler of ``GET /desk/api/day``."""

    def __init__(self, *, guard: Guard, sessions: Sessions, timezone: str) -> None:
        self._guard = guard
        self._sessions = sessions
        self._zone = ZoneInfo(timezone)

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/day", self.day, methods=["GET"])

    async def day(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns the agent's ``{taken, closed, first_answer_s, opinions, mean}`` since midnight (agency time).

        ``taken`` and ``closed`` are numbers of tickets, ``opinions`` is the number of ratings. ``first_answer_s`` is
        the median time in seconds from getting a ticket to the agent's first answer; ``mean`` is the mean rating. Both
        are null without data.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        midnight = datetime.now(UTC).astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._sessions() as session:
            given = {"staff": str(signed_in.staff.id), "since": midnight}
            row = (await session.execute(FIGURES, given)).one()
        return {
            "taken": row.taken,
            "closed": row.closed,
            "first_answer_s": None if row.first_answer is None else round(float(row.first_answer)),
            "opinions": row.ratings,
            "mean": None if row.mean is None else round(float(row.mean), 1),
        }
