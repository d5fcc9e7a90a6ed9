"""Finds the answers given by the assistant in a period, by their text or by entry, with the entries' versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from bot.record.engine import Sessions

SHOWN = 100
FILE_ROWS = 1000
ABOUT = """
  m.author = 'assistant' AND m.data ? 'provenance' AND m.at >= :since AND m.at < :until
  AND (:words = '' OR search_words(m.text) @@ search_query(:words)
       OR m.data #>> '{provenance,entry}' = ANY(CAST(:ids AS text[])))
"""
TEXTS = text(f"""
  SELECT found.*, revision.author_name AS author, revision.origin, revision.at AS written
  FROM (SELECT m.data #>> '{{provenance,entry}}' AS entry, m.data #>> '{{provenance,version}}' AS version,
               count(*) AS times, min(m.at) AS first, max(m.at) AS last,
               (array_agg(m.text ORDER BY m.at DESC))[1] AS said,
               (array_agg(m.data #>> '{{provenance,question}}' ORDER BY m.at DESC))[1] AS question
        FROM messages m WHERE {ABOUT} GROUP BY 1, 2 ORDER BY max(m.at) DESC LIMIT {SHOWN}) AS found
  LEFT JOIN LATERAL (SELECT * FROM entry_revisions r WHERE left(r.hash, 12) = found.version ORDER BY r.id LIMIT 1)
    AS revision ON true
  ORDER BY found.last DESC
""")  # noqa: S608  (constants of this file)
EACH = text(f"""
  SELECT m.id, m.at, c.channel, m.data -> 'provenance' AS proof, m.text AS said
  FROM messages m JOIN conversations c ON c.id = m.conversation_id
  WHERE {ABOUT} AND m.id > :after ORDER BY m.id LIMIT :most
""")  # noqa: S608


@dataclass(frozen=True)
class About:
    """A search of given answers: by ``words`` of the answer ('' matches all) or by entry ``ids``.

    ``until`` is exclusive.
    """

    words: str
    ids: tuple[str, ...]
    since: datetime
    until: datetime

    def values(self) -> dict[str, object]:
        return {"words": self.words, "ids": list(self.ids), "since": self.since, "until": self.until}


@dataclass(frozen=True)
class GivenText:
    """A version of an entry that was given as an answer ``times`` times; ``said`` is the text given last.

    ``author``, ``origin`` and ``written`` describe the revision that wrote this version; None if there is no such
    revision.
    """

    entry: str
    version: str
    times: int
    first: datetime
    last: datetime
    said: str
    question: str
    author: str | None
    origin: str | None
    written: datetime | None


@dataclass(frozen=True)
class GivenAnswer:
    """One answer that the assistant sent: the entry's id, question and version, and the text sent (``said``)."""

    at: datetime
    channel: str
    entry: str
    question: str
    version: str
    said: str


class GivenAnswers:
    """Reads given answers from the record; the results contain no messages of citizens."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def texts(self, about: About) -> Sequence[GivenText]:
        """Returns at most SHOWN versions with answers that match ``about``, the most recently given version first."""
        async with self._sessions() as session:
            rows = (await session.execute(TEXTS, about.values())).mappings().all()
        return [GivenText(**row) for row in rows]

    async def each(self, about: About) -> AsyncIterator[GivenAnswer]:
        """Yields all answers that match ``about``, in the order in which they were recorded."""
        after = 0
        while True:
            async with self._sessions() as session:
                rows = (await session.execute(EACH, about.values() | {"after": after, "most": FILE_ROWS})).all()
            for row in rows:
                proof = row.proof
                yield GivenAnswer(row.at, row.channel, proof["entry"], proof["question"], proof["version"], row.said)
            if len(rows) < FILE_ROWS:
                return
            after = rows[-1].id
