"""Represents the last exchanges with the assistant, to which the citizen's next message may refer.

Only the data that later decisions need is stored, not the citizen's text or the text of an answer. The bot sends the
exchanges to the action server with each message (bot/turns/rasa_client.py); actions/tracker.py reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot.core.payload import Payload

REMEMBERED_EXCHANGES = 3  # number of the citizen's messages during which a follow-up still refers to an answer
SESSION_MS = 60 * 60 * 1000  # equals session_expiration_time of domain.yml


@dataclass(frozen=True)
class Exchange:
    """A citizen's message and the replies to it.

    ``said`` contains one payload per reply, reduced to what later decisions need. ``known`` maps dimensions to the
    values that the message stated about the citizen. ``resumed`` is ``ConversationState.resumed`` at the message.
    """

    said: tuple[Payload, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    resumed: str | None = None

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"said": [one.to_data() for one in self.said]}
        if self.known:
            data["known"] = dict(self.known)
        return data if self.resumed is None else data | {"resumed": self.resumed}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        said = tuple(Payload.from_data(one) for one in data["said"])
        return cls(said, data.get("known") or {}, data.get("resumed"))

    @property
    def asks(self) -> bool:
        """Returns whether the assistant asked about the citizen's audience."""
        return any(one.asks for one in self.said)


@dataclass(frozen=True)
class Dialogue:
    """The exchanges that the citizen's next message may refer to, oldest first.

    ``at`` is the time of the last exchange, in ms since 1970; 0 if there is none.
    """

    exchanges: tuple[Exchange, ...] = ()
    at: int = 0

    def current(self, now_ms: int) -> Dialogue:
        """Returns the dialogue, or an empty one if its session has expired; ``now_ms`` is in ms since 1970."""
        return self if now_ms - self.at <= SESSION_MS else Dialogue()

    def after(self, said: Sequence[Payload], known: Mapping[str, str], resumed: str | None, now_ms: int) -> Dialogue:
        """Returns the dialogue with a new exchange, and without the exchanges to which no later message can refer."""
        newest = Exchange(tuple(_remembered(one) for one in said), known, resumed)
        exchanges = (*self.current(now_ms).exchanges, newest)
        older, recent = exchanges[:-REMEMBERED_EXCHANGES], exchanges[-REMEMBERED_EXCHANGES:]
        # A citizen's audience is asked once and stays valid until the session ends.
        return Dialogue((*(one for one in older if one.asks or one.known), *recent), now_ms)

    def to_json(self) -> str:
        return json.dumps({"at": self.at, "exchanges": self.to_data()}, ensure_ascii=False, separators=(",", ":"))

    def to_data(self) -> list[dict[str, Any]]:
        return [one.to_data() for one in self.exchanges]

    @classmethod
    def from_json(cls, text: str) -> Dialogue:
        """Parses the result of ``to_json``.

        Returns an empty dialogue if the text cannot be read, for example because another release wrote it.
        """
        try:
            data = json.loads(text or "{}")
            exchanges = tuple(Exchange.from_data(one) for one in data.get("exchanges", ()))
            return cls(exchanges, int(data.get("at", 0)))
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls()


def _remembered(said: Payload) -> Payload:
    """Returns the parts of a payload that a later decision needs."""
    return Payload(
        buttons=said.buttons if said.asks else (),
        provenance=said.provenance,
        handoff=replace(said.handoff, candidates=()) if said.handoff else None,
        candidates=said.candidates,
        asks=said.asks,
        missed=said.missed,
    )
