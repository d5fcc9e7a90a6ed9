"""Tracks which agents are present: each heartbeat of an agent's browser renews a lease.

When the lease ends, the agent counts as absent, and the sweeper puts their tickets back into the queue.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.scripts import Script

DEFAULT_LEASE_S = 90
DEFAULT_CAPACITY = 4


class Presence(StrEnum):
    """An agent's availability for new conversations.

    A BUSY agent counts as on duty like an AVAILABLE one, but no ticket is assigned to them automatically.
    """

    AVAILABLE = "available"
    BUSY = "busy"
    AWAY = "away"


@dataclass(frozen=True)
class Skills:
    """The teams, languages and number of tickets that an agent can serve."""

    teams: tuple[str, ...] = ()  # empty: all teams
    capacity: int = DEFAULT_CAPACITY  # simultaneous tickets
    languages: tuple[str, ...] = ()  # besides Spanish

    def serve(self, team: str) -> bool:
        return not self.teams or team in self.teams


@dataclass(frozen=True)
class Present:
    """An agent who is present."""

    id: str
    name: str
    presence: Presence
    skills: Skills


class Presences:
    """The present agents in Redis; every method may raise redis.RedisError.

    An agent is present for ``lease_s`` seconds after each heartbeat.
    """

    def __init__(self, redis: Store, lease_s: int = DEFAULT_LEASE_S) -> None:
        self._redis = redis
        self._lease_ms = lease_s * 1000
        self._heartbeat = Script(redis, "heartbeat")

    async def heartbeat(self, staff: str, name: str, skills: Skills, presence: Presence | None = None) -> Presence:
        """Renews the agent's lease, stores name, skills and ``presence`` (if given), and returns the agent's presence.

        An agent who was not present and gives no ``presence`` is what they last were within PRESENCE_TTL_S, else
        ``available``.
        """
        kept = await self._heartbeat(
            staff=staff,
            lease_ms=self._lease_ms,
            name=name,
            presence=presence or "",
            teams=json.dumps(skills.teams),
            capacity=skills.capacity,
            languages=json.dumps(skills.languages),
        )
        return Presence(kept)

    async def everybody(self) -> list[Present]:
        """Returns the agents who are present, sorted by name."""
        agents = sorted(await self._redis.smembers(keys.AGENTS))
        rows = await ask_all(self._redis, lambda ask, agent: ask.hgetall(keys.agent_key(agent)), agents)
        agents_found = [_present(agent, raw) for agent, raw in zip(agents, rows, strict=True) if raw]
        return sorted(agents_found, key=lambda agent: agent.name)


def _present(agent: str, raw: dict[str, str]) -> Present:
    teams, languages = (tuple(json.loads(raw.get(name, "[]"))) for name in ("teams", "languages"))
    skills = Skills(teams, int(raw["capacity"]), languages)
    return Present(agent, raw["name"], Presence(raw["presence"]), skills)
