"""Decides which episodes of a conversation an agent may read.

A ticket's episode lasts from the end of the ticket before it to its own end, so it includes the messages to the
assistant between the two tickets. The episode of a call-back ends when the citizen asks for the call: from then on the
assistant talks to them. What staff writes belongs to the ticket in which it is written. An agent with assigned teams
reads the episodes of those teams' tickets and of tickets that the agent owned, but not messages to another team. Agents
who serve all teams read everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from bot.core.events import Event
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Callback
from bot.record.tables import Ticket as Row
from bot.tickets.ticket import Ticket

# When the episode of the ticket ``t`` ends, NULL while it lasts.
_END = """LEAST(t.closed_at, (
  SELECT min(asked_at) FROM callbacks WHERE ticket_id = t.id AND conversation_id = t.conversation_id))"""
# The episodes that an agent may read, with :all, :teams and :staff from ``reach_of``.
EPISODES = f"""
  SELECT one.*, COALESCE({_END.replace("t.", "one.")}, 'infinity') AS ends, COALESCE((
           SELECT max({_END}) FROM tickets t
           WHERE t.conversation_id = one.conversation_id AND t.id <> one.id AND {_END} <= one.opened_at
         ), '-infinity') AS begins
  FROM tickets one WHERE :all OR one.team = ANY(:teams) OR one.claimed_by = :staff
"""  # noqa: S608  (constants of this file)
# Whether a message ``m`` belongs to an episode: a reply of staff to that of its ticket, others by their time.
HOLDS = """COALESCE(m.data ->> 'of_ticket' = episode.id,
  m.at > episode.begins AND m.at <= episode.ends)"""
_CALLED = and_(Callback.ticket_id == Row.id, Callback.conversation_id == Row.conversation_id)


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
    """The episodes of one conversation that an agent may read, and their tickets; all if ``everything`` is true."""

    everything: bool
    episodes: tuple[Episode, ...] = ()
    tickets: frozenset[str] = frozenset()

    def of(self, events: Sequence[Event]) -> list[Event]:
        """Returns the events in ``events`` that the agent may read: those of a ticket, such as a note, go with it."""
        return [one for one in events if self.holds(one.at, one.of_ticket)]

    def holds(self, at: int, of_ticket: str = "") -> bool:
        """Returns whether the agent may read an event of a ticket, or one of none at ``at``, in ms since 1970."""
        if self.everything:
            return True
        return of_ticket in self.tickets if of_ticket else any(episode.holds(at) for episode in self.episodes)


class Reach:
    """Reads from the record when a conversation's tickets were opened and ended, and who owned them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def readable(self, conversation: str, agent: Agent, current: Ticket | None = None) -> Readable:
        """Returns the episodes of a conversation that ``agent`` may read.

        ``current`` is the conversation's open ticket if the agent may see it; the record might not contain it yet.
        """
        if not agent.teams:
            return Readable(everything=True)
        query = select(Row, func.min(Callback.asked_at)).outerjoin(Callback, _CALLED).group_by(Row.id)
        async with self._sessions() as session:
            rows = (await session.execute(query.where(Row.conversation_id == conversation))).tuples().all()
        ends = {row.id: _first(_ms(row.closed_at), _ms(asked)) for row, asked in rows}
        seen = {row.id: row for row, _ in rows if row.team in agent.teams or row.claimed_by == agent.id}
        episodes = [Episode(_begin(ends, id, _ms(row.opened_at)), ends[id]) for id, row in seen.items()]
        if current and not current.by_phone:
            episodes.append(Episode(_begin(ends, current.id, current.opened_at), None))
        own = frozenset(seen) | ({current.id} if current else set())
        return Readable(everything=False, episodes=tuple(episodes), tickets=own)


def _begin(ends: Mapping[str, int | None], ticket: str, opened_at: int | None) -> int:
    """Returns the start of a ticket's episode: the end of the one before, or 0; ``ends`` are those of all tickets."""
    others = (end for id, end in ends.items() if id != ticket)
    return max((end for end in others if end is not None and end <= (opened_at or 0)), default=0)


def _first(*moments: int | None) -> int | None:
    return min((one for one in moments if one is not None), default=None)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
