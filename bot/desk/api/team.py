"""Serves the supervisor's live view: agents with their tickets, emergencies, the longest waits, and team figures.

Also serves the unclaimed emergencies, at which every page of the desk sounds its alarm.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from bot.agency.model import Agency
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.queries.team import TeamWork, Work
from bot.desk.views.dangers import danger_view, unclaimed_words
from bot.desk.views.nickname import nickname_of
from bot.handoff.agent import Agent
from bot.handoff.listing import Waiting, reason_in_words
from bot.handoff.notices import team_list, team_name
from bot.handoff.queue import AtWork, Queue
from bot.handoff.service import Desk
from bot.tickets.queued import Queued

LONGEST = 5  # number of waiting tickets shown, those with the longest wait
EMERGENCIES = 20


class TeamApi:
    """The handlers of ``GET /desk/api/team`` and ``GET /desk/api/emergencies``."""

    def __init__(
        self, *, guard: Guard, desk: Desk, queue: Queue, work: TeamWork, audit: AuditLog, agency: Agency
    ) -> None:
        self._guard = guard
        self._desk = desk
        self._queue = queue
        self._work = work
        self._audit = audit
        self._agency = agency
        self._zone = ZoneInfo(agency.timezone)

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/team", self.team, methods=["GET"])
        router.add_api_route("/desk/api/emergencies", self.emergencies, methods=["GET"])

    async def emergencies(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns the unclaimed emergencies of the agent's teams (shapes.Emergencies), without a citizen's words."""
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        queued = await self._desk.longest(agent_of(signed_in), EMERGENCIES)
        listed = await self._desk.listed(_emergencies(queued))
        return {
            "tickets": [one.ticket.id for one in listed],
            "words": unclaimed_words([one.dangers for one in listed]),
        }

    async def team(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns the live view (shapes.LiveView) of the teams that the supervisor serves."""
        signed_in = await self._guard.reading(request, Permission.REASSIGN)
        response.headers.update(NO_STORE)
        await self._audit.record_view(Action.LINE_VIEWED, staff_id=signed_in.staff.id)
        agent = agent_of(signed_in)
        queued, counts = await self._desk.longest(agent, EMERGENCIES), await self._desk.counts(agent)
        attended = await self._desk.attended(agent)
        at_work = [one for one in await self._queue.at_work() if _shares(one, agent)]
        work = await self._work.since(self._midnight())
        oldest = sorted((one for one in queued if not one.emergency), key=lambda one: one.opened_at)[:LONGEST]
        return {
            "now": int(time.time() * 1000),
            "waiting": sum(counts.values()),
            "oldest_at": _oldest(queued),
            "emergencies": await self._tickets(_emergencies(queued)),
            "longest": await self._tickets([one.ticket for one in oldest]),
            "agents": self._agents(at_work, attended, work),
            "teams": [
                {"id": key, "name": name, "waiting": counts.get(key, 0)} | self._team(key, queued, at_work, work)
                for key, name in self._agency.teams.items()
                if agent.serves(key)
            ],
        }

    async def _tickets(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        return [self._ticket(one) for one in await self._desk.listed(ids)]

    def _agents(self, at_work: Sequence[AtWork], attended: Sequence[Waiting], work: Work) -> list[dict[str, Any]]:
        """Returns the agents at the desk, then the absent agents who still own tickets."""
        theirs: dict[str, list[Waiting]] = {}
        names: dict[str, str] = {}
        for one in attended:
            if owner := one.ticket.owner:
                theirs.setdefault(owner.id, []).append(one)
                names[owner.id] = owner.name
        here: list[dict[str, Any]] = [
            {
                "id": one.agent.id,
                "name": one.agent.name,
                "presence": one.agent.presence.value,
                "teams": team_list(self._agency, one.agent.skills.teams),
                "load": one.load,
                "capacity": one.agent.skills.capacity,
            }
            for one in at_work
        ]
        known = {one["id"] for one in here}
        gone: list[dict[str, Any]] = [
            {"id": id, "name": names[id], "presence": "gone", "teams": [], "load": len(theirs[id]), "capacity": 0}
            for id in theirs
            if id not in known
        ]
        return [
            one
            | {
                "closed": work.closed.get(one["id"], 0),
                "tickets": [self._ticket(ticket) for ticket in theirs.get(one["id"], ())],
            }
            for one in [*here, *gone]
        ]

    def _team(self, key: str, queued: Sequence[Queued], at_work: Sequence[AtWork], work: Work) -> dict[str, Any]:
        day = work.teams.get(key)
        return {
            "oldest_at": _oldest([one for one in queued if one.team == key]),
            "on_duty": sum(one.agent.skills.serve(key) and one.agent.presence != "away" for one in at_work),
            "taken": day.taken if day else 0,
            "median_s": day.median_s if day else None,
            "p90_s": day.p90_s if day else None,
        }

    def _ticket(self, waiting: Waiting) -> dict[str, Any]:
        ticket, danger = waiting.ticket, danger_view(waiting.dangers, self._agency)
        return {
            "id": ticket.id,
            "nickname": nickname_of(ticket.conversation),
            "matter": waiting.matter,
            "reason_words": reason_in_words(ticket.reason, [one.confidence for one in ticket.candidates]),
            "danger": danger.to_data() if danger else None,
            "team_words": team_name(self._agency, ticket.team),
            "state": ticket.state.value,
            "since": ticket.unanswered_since or (0 if ticket.owner else ticket.opened_at),
        }

    def _midnight(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _emergencies(queued: Sequence[Queued]) -> list[str]:
    return [one.ticket for one in queued if one.emergency][:EMERGENCIES]


def _oldest(queued: Sequence[Queued]) -> int | None:
    return min((one.opened_at for one in queued), default=None)


def _shares(one: AtWork, agent: Agent) -> bool:
    """Returns whether an agent at the desk serves a team of the supervisor; an empty list means all teams."""
    teams = one.agent.skills.teams
    return not teams or not agent.teams or not set(teams).isdisjoint(agent.teams)
