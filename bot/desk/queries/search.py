"""Searches recorded conversations for words, lists closed tickets, and reads individual conversations.

The search covers only messages of citizens and staff, not the assistant's answers or automatic notices. It compares
hashed search terms of the masked texts (bot/record/transcripts/terms.py), so a RUT or a name that the masking
recognizes is never found. Blocked conversations are not found. An agent finds and reads only the episodes of
conversations that reach.py allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.events import Event
from bot.desk.queries.closed_matters import closed_matters
from bot.desk.queries.reach import EPISODES, HOLDS, reach_of
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.tables import Ticket as Row
from bot.record.transcripts.rows import decrypt_rows, gone
from bot.record.transcripts.terms import query_of
from bot.text.masking.masking import masked

FOUND = 30
MAX_EVENTS = 1000
MARKS = ("\x02", "\x03")  # around each match in a snippet; stored texts never contain these characters
FITS = """
  c.blocked_at IS NULL AND (:channel = '' OR c.channel = :channel) AND (:team = '' OR episode.team = :team)
  AND (:agent = '' OR episode.claimed_by = :agent) AND (:outcome = '' OR episode.outcome = :outcome)
"""
COLUMNS = "episode.id AS ticket, episode.team, episode.owner_name, episode.outcome, episode.state, episode.closed_at"
MATCHES = """
  (m.terms @@ CAST(:terms AS tsquery)
   OR m.terms IS NULL AND search_words(coalesce(m.masked, m.text)) @@ search_query(:words))
  AND m.author IN ('citizen', 'staff') AND m.at < :until
"""
EVERY_HIT = f"SELECT m.* FROM messages m WHERE {MATCHES} AND m.at >= :since"  # noqa: S608
# All hits in the conversations with a recent one, since an older message of the citizen counts before a recent one of
# staff.
RECENT_HITS = f"""
  SELECT one.*
  FROM (SELECT DISTINCT m.conversation_id AS id FROM messages m WHERE {MATCHES} AND m.at >= :recent) AS near,
       LATERAL (SELECT m.* FROM messages m
                WHERE m.conversation_id = near.id AND {MATCHES} AND m.at >= :since OFFSET 0) AS one
"""  # noqa: S608


def _each(table: str, condition: str) -> str:
    """Returns a subquery that PostgreSQL runs for each hit: OFFSET 0 keeps it from reading the whole table."""
    return f"LATERAL (SELECT * FROM {table} WHERE {condition} OFFSET 0)"  # noqa: S608


def _search(hits: str, conversations: str = "conversations", episodes: str = "episodes", newer: str = "") -> TextClause:
    """Returns the query for the results with the newest matches among ``hits``, a query for messages."""
    return text(f"""
      WITH episodes AS ({EPISODES}), hit AS MATERIALIZED ({hits})
      SELECT found.*
      FROM (SELECT DISTINCT ON (c.id, episode.id) c.id AS conversation, c.channel, hit.event_id, hit.at, hit.author,
                   hit.conversation_id, hit.text, hit.data, {COLUMNS}
            FROM hit JOIN {conversations} c ON c.id = hit.conversation_id
            LEFT JOIN {episodes} episode
              ON episode.conversation_id = c.id AND {HOLDS.replace("m.", "hit.")}
            WHERE (:all OR episode.id IS NOT NULL) AND {FITS}
            ORDER BY c.id, episode.id, hit.author, hit.at DESC) AS found
      {newer} ORDER BY found.at DESC LIMIT {FOUND}
    """)  # noqa: S608  (constants of this file and of reach.py)


SEARCH = _search(EVERY_HIT)
RECENT = _search(
    RECENT_HITS,
    _each("conversations", "id = hit.conversation_id"),
    _each("episodes", "conversation_id = hit.conversation_id"),
    "WHERE found.at >= :recent",
)
# Of a common word, only recent messages are read, if they are enough: first these, then those of a longer time.
RECENTLY = (timedelta(hours=6), timedelta(days=4), timedelta(days=60))
SNIPPETS = text(f"""
  SELECT ts_headline('spanish', said, search_query(:words),
                     'MaxWords=24, MinWords=12, StartSel={MARKS[0]}, StopSel={MARKS[1]}')
  FROM unnest(CAST(:said AS text[])) WITH ORDINALITY AS one(said, place) ORDER BY place
""")  # noqa: S608
CLOSED = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT c.id AS conversation, c.channel, '' AS event_id, episode.closed_at AS at, 'citizen' AS author,
         c.id AS conversation_id, episode.id, episode.summary, {COLUMNS}
  FROM episodes episode JOIN conversations c ON c.id = episode.conversation_id
  WHERE episode.state = 'closed' AND episode.closed_at >= :since AND episode.closed_at < :until AND {FITS}
  ORDER BY episode.closed_at DESC LIMIT {FOUND}
""")  # noqa: S608
CHANNEL = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT c.channel FROM conversations c
  WHERE c.id = :conversation AND c.blocked_at IS NULL
    AND (:all OR EXISTS (SELECT FROM episodes WHERE conversation_id = c.id))
""")  # noqa: S608
REACHED = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT DISTINCT conversation_id FROM episodes WHERE conversation_id = ANY(:conversations)
""")  # noqa: S608
SAID = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT m.* FROM messages m
  WHERE m.conversation_id = :conversation AND (:all OR EXISTS (
    SELECT FROM episodes episode WHERE episode.conversation_id = m.conversation_id AND {HOLDS}))
  ORDER BY lpad(split_part(m.event_id, '-', 1), 20, '0') DESC, lpad(split_part(m.event_id, '-', 2), 20, '0') DESC
  LIMIT :most
""")  # noqa: S608
TICKETS = text(f"""
  WITH episodes AS ({EPISODES})
  SELECT episode.id, episode.conversation_id, episode.team, episode.state, episode.summary, episode.outcome,
         episode.owner_name AS owner, episode.closed_at
  FROM episodes episode
  WHERE episode.conversation_id = :conversation ORDER BY episode.opened_at
""")  # noqa: S608
LONG_AGO, FAR = datetime(1970, 1, 2, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Filters:
    """Limits of a search; '' and the default times match everything.

    ``since`` (included) and ``until`` (excluded) limit the times of the messages found, or of the closing of tickets if
    no words are searched. ``agent`` is the id of the agent who attended the ticket.
    """

    since: datetime = LONG_AGO
    until: datetime = FAR
    team: str = ""
    agent: str = ""
    channel: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Found:
    """A search result: the newest match in a ticket's episode, preferably a citizen's message.

    In ``snippet``, the matches are enclosed in MARKS; ``event`` is the message's id. In a search without words,
    ``snippet`` says what the citizen wanted and ``event`` is ''. ``ticket`` and the fields after it are empty if the
    citizen talked only to the assistant.
    """

    conversation: str
    channel: str
    event: str
    at: datetime
    author: str
    snippet: str
    ticket: str = ""
    team: str = ""
    owner: str = ""
    outcome: str = ""
    state: str = ""


@dataclass(frozen=True)
class PastTicket:
    """A ticket of a recorded conversation; ``closed_at`` is None while the ticket is open."""

    id: str
    team: str
    state: str
    summary: str
    outcome: str
    owner: str
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        return self.state != "closed"


TICKET_FIELDS = tuple(one.name for one in fields(PastTicket))


@dataclass(frozen=True)
class Past:
    """A recorded conversation, limited to the events and tickets that an agent may read; tickets are oldest first."""

    channel: str
    events: Sequence[Event]
    tickets: Sequence[PastTicket] = field(default_factory=tuple)

    @property
    def ticket(self) -> str:
        """Returns the id of the open ticket, or ''."""
        return next((one.id for one in self.tickets if one.open), "")

    @property
    def closed(self) -> PastTicket | None:
        """Returns the ticket that was closed last; None if a ticket is open, or if there are no tickets."""
        return self.tickets[-1] if self.tickets and not self.ticket else None


class Search:
    """Searches and reads conversations in PostgreSQL, limited to the episodes that an agent may read."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def find(self, words: str, agent: Agent, filters: Filters | None = None) -> list[Found]:
        """Returns at most FOUND results for ``words`` that match the filters, newest match first.

        Without words, returns the tickets that were closed last.
        """
        limits = vars(filters or Filters()) | reach_of(agent)
        async with self._sessions() as session:
            if words:
                asked = {"words": words, "terms": await query_of(session, words)}
                rows = await decrypt_rows(session, Message, await _hits(session, asked | limits), gone=gone())
                snippets = await _snippets(session, words, [masked(row["text"]) for row in rows])
            else:
                closed = (await session.execute(CLOSED, limits)).mappings()
                rows = await decrypt_rows(session, Row, closed, gone=gone())
                said = await closed_matters(session, {row["ticket"]: row["summary"] for row in rows}, agent)
                snippets = [said[row["ticket"]] for row in rows]
        return [_found(row, snippet) for row, snippet in zip(rows, snippets, strict=True)]

    async def reached(self, conversations: Collection[str], agent: Agent) -> set[str]:
        """Returns the conversations in ``conversations`` in which the agent may read an episode."""
        if not agent.teams:
            return set(conversations)
        async with self._sessions() as session:
            return set(await session.scalars(REACHED, {"conversations": list(conversations)} | reach_of(agent)))

    async def past(self, conversation: str, agent: Agent) -> Past | None:
        """Returns a conversation with its newest MAX_EVENTS messages that the agent may read.

        Returns None if the conversation is unknown, blocked or hidden from the agent.
        """
        asked = {"conversation": conversation, "most": MAX_EVENTS} | reach_of(agent)
        async with self._sessions() as session:
            channel = await session.scalar(CHANNEL, asked)
            if channel is None:
                return None
            tickets = await decrypt_rows(
                session, Row, (await session.execute(TICKETS, asked)).mappings(), conversation, gone()
            )
            said = (await session.execute(SAID, asked)).mappings()
            rows = await decrypt_rows(session, Message, said, gone=gone())
        events = [Event.of_message(row, row["at"]) for row in reversed(rows)]
        return Past(channel, events, [PastTicket(**{one: row[one] for one in TICKET_FIELDS}) for row in tickets])


async def _hits(session: AsyncSession, asked: Mapping[str, Any]) -> Sequence[RowMapping]:
    """Returns the results with the newest matches; reads only recent messages if they yield FOUND results."""
    newest = min(asked["until"], datetime.now(UTC))
    for length in RECENTLY:
        if (recent := newest - length) > asked["since"]:
            found = (await session.execute(RECENT, {**asked, "recent": recent})).mappings().all()
            if len(found) == FOUND:
                return found
    return (await session.execute(SEARCH, dict(asked))).mappings().all()


async def _snippets(session: AsyncSession, words: str, said: list[str]) -> list[str]:
    return list(await session.scalars(SNIPPETS, {"words": words, "said": said}))


def _found(row: Mapping[str, Any], snippet: str) -> Found:
    return Found(
        conversation=row["conversation"],
        channel=row["channel"],
        event=row["event_id"],
        at=row["at"],
        author=row["author"],
        snippet=snippet,
        ticket=row["ticket"] or "",
        team=row["team"] or "",
        owner=row["owner_name"] or "",
        outcome=row["outcome"] or "",
        state=row["state"] or "",
    )
