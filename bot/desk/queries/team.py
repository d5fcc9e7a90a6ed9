"""Counts the work of agents and teams since a given time, from the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from bot.record.engine import Sessions

OF_TEAMS = text("""
  SELECT team, count(*) AS taken,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - opened_at)) AS median_s,
         percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM claimed_at - opened_at)) AS p90_s
  FROM tickets WHERE claimed_at >= :since GROUP BY team
""")
OF_AGENTS = text(
    "SELECT staff_id::text AS staff, count(*) AS closed FROM closings WHERE at >= :since GROUP BY staff_id"
)


@dataclass(frozen=True)
class TeamDay:
    """The number of claimed tickets of a team, and their waiting times until the claim (median and p90) in seconds."""

    taken: int
    median_s: int
    p90_s: int


@dataclass(frozen=True)
class Work:
    """The work of each team (by the team's key) and the number of tickets each agent closed (by the agent's id)."""

    teams: Mapping[str, TeamDay]
    closed: Mapping[str, int]


class TeamWork:
    """Reads the work of agents and teams from PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def since(self, moment: datetime) -> Work:
        async with self._sessions() as session:
            teams = (await session.execute(OF_TEAMS, {"since": moment})).all()
            closed = (await session.execute(OF_AGENTS, {"since": moment})).all()
        days = {row.team: TeamDay(row.taken, round(row.median_s), round(row.p90_s)) for row in teams}
        return Work(days, {row.staff: row.closed for row in closed})
