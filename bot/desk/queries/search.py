"""Searches recorded conversations for words, and reads individual conversations.

An agent with assigned teams finds only conversations with a ticket of those teams, or with one that the agent claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from bot.core.events import Event, EventKind
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Message

FOUND = 30
MAX_EVENTS = 1000
MARKS = ("\x02", "\x03")  # around each match in a snippet; stored texts never contain these characters
MAY_SEE = """(:all OR EXISTS (
  SELECT FROM tickets t WHERE t.conversation_id = c.id AND (t.team = ANY(:teams) OR t.claimed_by = :staff)))"""
SEARCH = text(f"""
  SELECT found.id, found.channel, found.at, found.author,
         ts_headline('spanish', found.text, search_query(:words),
                     'MaxWords=24, MinWords=12, StartSel={MARKS[0]}, StopSel={MARKS[1]}') AS snippet
  FROM (SELECT DISTINCT ON (c.id) c.id, c.channel, m.at, m.author, m.text
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE search_words(m.text) @@ search_query(:words) AND m.author <> 'system' AND {MAY_SEE}
        ORDER BY c.id, m.at DESC) AS found
  ORDER BY found.at DESC LIMIT {FOUND}
""")  # noqa: S608  (constants of this file)
CHANNEL = text(f"SELECT c.channel FROM conversations c WHERE c.id = :conversation AND {MAY_SEE}")  # noqa: S608
OPEN_TICKET = text("""
  SELECT id FROM tickets t WHERE t.conversation_id = :conversation AND t.state <> 'closed'
  AND (:all OR t.team = ANY(:teams) OR t.claimed_by = :staff) LIMIT 1
""")


@dataclass(frozen=True)
class Found:
    """A search result: the newest matching message of a conversation; ``snippet`` has the matches between MARKS."""

    conversation: str
    channel: str
    at: datetime
    author: str
    snippet: str


@dataclass(frozen=True)
class Past:
    """A recorded conversation; ``ticket`` is the id of its open ticket, or ''."""

    channel: str
    ticket: str
    events: Sequence[Event]


class Search:
    """Searches and reads conversations in PostgreSQL, within what an agent may see."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def find(self, words: str, agent: Agent) -> list[Found]:
        """Returns at most FOUND conversations with a message that matches ``words``, newest match first."""
        async with self._sessions() as session:
            rows = await session.execute(SEARCH, {"words": words} | _reach(agent))
            return [Found(*row) for row in rows]

    async def past(self, conversation: str, agent: Agent) -> Past | None:
        """Returns a conversation with its newest MAX_EVENTS messages; None if unknown or the agent may not see it."""
        async with self._sessions() as session:
            channel = await session.scalar(CHANNEL, {"conversation": conversation} | _reach(agent))
            if channel is None:
                return None
            ticket = await session.scalar(OPEN_TICKET, {"conversation": conversation} | _reach(agent))
            newest = select(Message).where(Message.conversation_id == conversation).order_by(log_order().desc())
            rows = list(await session.scalars(newest.limit(MAX_EVENTS)))
        return Past(channel, ticket or "", [_event(row) for row in reversed(rows)])


def _reach(agent: Agent) -> dict[str, object]:
    return {"all": not agent.teams, "teams": list(agent.teams), "staff": agent.id}


def _event(row: Message) -> Event:
    at = int(row.at.timestamp() * 1000)
    fields = {"id": row.event_id, "conversation": row.conversation_id, "kind": EventKind.MESSAGE, "data": row.data}
    return Event.from_data(fields | {"author": row.author, "text": row.text, "at": at})
