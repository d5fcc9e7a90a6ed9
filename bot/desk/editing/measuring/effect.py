"""Asks the action server how new texts of entries change the answers to utterances, tests and recent messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx
from sqlalchemy import select

from bot.agency.starter import starter_utterances
from bot.core.logs import log
from bot.core.messages import Author
from bot.core.network import ActionsEndpoint
from bot.desk.editing.text import EntryText
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import usable
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.transcripts.rows import read
from bot.text.normalize import plain

TIMEOUT_S, MORE_S = 30.0, 0.3  # the first measurement also embeds the benchmark; MORE_S is added for each entry
LOOKED_AT, ASKED = 400, 40  # numbers of newest messages that are read, and of messages that are judged
LOST, TEST, BENCHMARK, UTTERANCE, STARTER = "lost", "test", "benchmark", "wording", "starter"
OFFERS = ("unoffered", "offered")  # changes of what is only offered
CHANGES = (LOST, "refused", "other", "won", *OFFERS)


@dataclass(frozen=True)
class Row:
    """A message whose answer changes; ``before`` and ``after`` are the ids of the answering entries ('' if none).

    ``change`` is one of CHANGES. If it is "unoffered", ``before`` is an entry that was offered as a choice; if it is
    "offered", ``after`` is an entry that is offered now. ``entry`` is the id of the entry that should answer, '' if
    unknown. ``source`` is "wording", "test", "benchmark" or "asked": an utterance, a test message, a benchmark message
    or a citizen's message.
    """

    text: str
    source: str
    change: str
    entry: str
    before: str
    after: str

    @property
    def is_starter(self) -> bool:
        """Returns whether the message is an utterance that `ventanilla new` wrote into an entry of a new agency."""
        return self.source == UTTERANCE and plain(self.text) in starter_utterances().get(self.entry, ())

    @property
    def is_of_offers(self) -> bool:
        return self.change in OFFERS

    @property
    def shown_source(self) -> str:
        """Returns the key in ``efecto.fuente`` of the name that the page gives to the source."""
        return STARTER if self.is_starter else self.source

    @property
    def key(self) -> str:
        """Returns the key under which an editor accepts the loss of this message."""
        return f"{self.entry}: {self.text}"


@dataclass(frozen=True)
class Effect:
    """The changed answers (``rows``), and the number of judged messages from each source."""

    rows: tuple[Row, ...]
    judged: Mapping[str, int]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(tuple(Row(**row) for row in data["rows"]), {str(key): int(n) for key, n in data["judged"].items()})

    def of(self, change: str) -> list[Row]:
        """Returns the rows with this kind of change, one of CHANGES."""
        return [row for row in self.rows if row.change == change]

    @property
    def stopping(self) -> list[Row]:
        """Returns the rows of the lost test messages and utterances.

        Lost benchmark messages are left out, and so are utterances of starter entries, which nobody of the agency
        wrote.
        """
        return [row for row in self.of(LOST) if row.source != BENCHMARK and not row.is_starter]

    @property
    def stops(self) -> bool:
        """Returns whether a test message or utterance is lost, so that publishing the change requires a reason."""
        return bool(self.stopping)

    @property
    def lost_tests(self) -> int:
        """Returns the number of lost test messages."""
        return sum(row.source == TEST for row in self.stopping)


class Effects:
    """Measures the effects of changed entries; ``actions`` is the action server."""

    def __init__(self, sessions: Sessions, actions: ActionsEndpoint) -> None:
        self._sessions, self._actions = sessions, actions

    async def of(self, texts: Mapping[str, EntryText]) -> Effect | None:
        """Returns the combined effect of the new texts, keyed by path.

        Returns None if it cannot be measured or a text has an error.
        """
        if not self._actions.url:
            return None
        entries = [{"path": path, "content": one.content, "phrases": one.phrases} for path, one in texts.items()]
        body, timeout = {"entries": entries, "asked": await self._asked()}, TIMEOUT_S + MORE_S * len(texts)
        try:
            async with self._actions.client(timeout) as client:
                answer = (await client.post("/effect", json=body)).raise_for_status()
            found = answer.json()["effect"]
            return Effect.from_data(found) if found else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("entries: effect unknown", error=type(error).__name__)
            return None

    async def _asked(self) -> list[str]:
        """Returns the newest typed messages, at most ASKED: each once, and none private or with personal data."""
        newest = (
            select(Message)
            .where(Message.author == Author.CITIZEN, Message.conversation_id.not_in(private_conversations()))
            .where(~Message.data.has_key("button"))
            .order_by(Message.at.desc())
            .limit(LOOKED_AT)
        )
        async with self._sessions() as session:
            texts = [one.text for one in await read(session, newest)]
        found = {plain(text): text for text in reversed(texts) if usable(text)}
        return list(found.values())[-ASKED:]
