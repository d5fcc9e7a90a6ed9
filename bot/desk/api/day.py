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

FIGURES = text("""
  WITH taken AS (SELECT * FROM tickets WHERE claimed_by = :staff AND claimed_at >= :since),
       answered AS (
         SELECT extract(epoch FROM min(m.at) - taken.claimed_at) AS seconds
         FROM taken JOIN messages m ON m.conversation_id = taken.conversation_id
           AND m.author = 'staff' AND m.data ->> 'name' = :name
           AND m.at BETWEEN taken.claimed_at AND coalesce(taken.closed_at, m.at)
         GROUP BY taken.id, taken.claimed_at)
  SELECT (SELECT count(*) FROM taken) AS taken,
         (SELECT count(*) FROM closings WHERE staff_id::text = :staff AND at >= :since) AS closed,
         (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM answered) AS first_answer,
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

        ``taken`` and ``closed`` are numbers of tickets, ``opinions`` of ratings. ``first_answer_s`` is the median time
        from claim to the agent's first answer in seconds, ``mean`` the mean rating; each is null if there is none.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        midnight = datetime.now(UTC).astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._sessions() as session:
            given = {"staff": str(signed_in.staff.id), "name": signed_in.staff.name, "since": midnight}
            row = (await session.execute(FIGURES, given)).one()
        return {
            "taken": row.taken,
            "closed": row.closed,
            "first_answer_s": None if row.first_answer is None else round(float(row.first_answer)),
            "opinions": row.ratings,
            "mean": None if row.mean is None else round(float(row.mean), 1),
        }
