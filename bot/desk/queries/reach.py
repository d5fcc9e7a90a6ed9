"""Decides which episodes of a conversation an agent may read.

A ticket's episode lasts from the end of the ticket before it to its own end, so it includes the messages to the
assistant between the two tickets. An agent with assigned teams reads the episodes of those teams' tickets and of
tickets that the agent owned, but not messages to another team. Agents who serve all teams read everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.core.events import Event
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Ticket as Row
from bot.tickets.ticket import Ticket

# The episodes that an agent may read, with :all, :teams and :staff from ``reach_of``.
EPISODES = """
  SELECT t.*, COALESCE(t.closed_at, 'infinity') AS ends, COALESCE((
           SELECT max(e.closed_at) FROM tickets e
           WHERE e.conversation_id = t.conversation_id AND e.id <> t.id AND e.closed_at <= t.opened_at
         ), '-infinity') AS begins
  FROM tickets t WHERE :all OR t.team = ANY(:teams) OR t.claimed_by = :staff
"""


def reach_of(agent: Agent) -> dict[str, object]:
    """Returns the parameters of the SQL query EPISODES for an agent."""
    return {"all": not agent.teams, "teams": list(agent.teams), "staff": agent.id}


@dataclass(frozen=True)
class Episode:
    """The time of a ticket's episode, in ms since 1970; ``ends`` is None for an open ticket."""

    begins: int
    ends: int | None

    def holds(self, at: int) -> bool:
        return self.begins < at and (self.ends is None or at <= self.ends)


@dataclass(frozen=True)
class Readable:
    """The episodes of one conversation that an agent may read; all of them if ``everything`` is true."""

    everything: bool
    episodes: tuple[Episode, ...] = ()

    def of(self, events: Sequence[Event]) -> list[Event]:
        """Returns the events in ``events`` that the agent may read."""
        return [event for event in events if self.holds(event.at)]

    def holds(self, at: int) -> bool:
        """Returns whether the agent may read an event at the time ``at``, in ms since 1970."""
        return self.everything or any(episode.holds(at) for episode in self.episodes)


class Reach:
    """Reads from the record when a conversation's tickets were opened and closed, and who owned them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def readable(self, conversation: str, agent: Agent, current: Ticket | None = None) -> Readable:
        """Returns the episodes of a conversation that ``agent`` may read.

        ``current`` is the conversation's open ticket if the agent may see it; the record might not contain it yet.
        """
        if not agent.teams:
            return Readable(everything=True)
        async with self._sessions() as session:
            rows = list(await session.scalars(select(Row).where(Row.conversation_id == conversation)))
        seen = [row for row in rows if row.team in agent.teams or row.claimed_by == agent.id]
        episodes = [Episode(_begin(rows, row.id, _ms(row.opened_at)), _ms(row.closed_at)) for row in seen]
        if current:
            episodes.append(Episode(_begin(rows, current.id, current.opened_at), None))
        return Readable(everything=False, episodes=tuple(episodes))


def _begin(rows: Sequence[Row], ticket: str, opened_at: int | None) -> int:
    """Returns the start of a ticket's episode: the time when the previous ticket was closed, or 0."""
    ends = (_ms(row.closed_at) for row in rows if row.id != ticket)
    return max((end for end in ends if end is not None and end <= (opened_at or 0)), default=0)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
