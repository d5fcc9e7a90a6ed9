"""Represents the last exchanges with the assistant, to which the citizen's next message may refer.

Only the data that later decisions need is stored, not the text of an answer. Of the citizen's words, only the beginning
of the question that the last entry answered is stored, since a follow-up is compared with it, and a fragment that
nothing answered, since the next message may be its rest; and the message that opened an emergency, since the citizen
may deny it. The bot sends the exchanges to the action server with each message (bot/turns/rasa_client.py);
actions/tracker.py reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot.core.payload import Payload, not_understood

REMEMBERED_EXCHANGES = 3  # number of the citizen's messages during which a follow-up still refers to an answer
SESSION_MS = 60 * 60 * 1000  # equals session_expiration_time of domain.yml
REMEMBERED_CHARACTERS = 200  # maximum length of the question that is stored
FRAGMENT_WORDS = 6  # a longer message that nothing answered is not stored
FRAGMENT_MS = 2 * 60 * 1000  # for how long the next message may be the rest of a fragment
ALARM_CHARACTERS = 1000  # a longer message that opens an emergency is not stored


@dataclass(frozen=True)
class Exchange:
    """A citizen's message and the replies to it.

    ``said`` contains one payload per reply, reduced to what later decisions need. ``known`` maps dimensions to the
    values that the message stated about the citizen. ``resumed`` is ``ConversationState.resumed`` at the message.
    ``words`` is the beginning of the citizen's question if an entry answered it, or a whole fragment that nothing
    answered; '' otherwise, and after a later exchange that sent an entry, or for a fragment after any later exchange.
    """

    said: tuple[Payload, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    resumed: str | None = None
    words: str = ""

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"said": [one.to_data() for one in self.said]}
        if self.known:
            data["known"] = dict(self.known)
        if self.words:
            data["words"] = self.words
        return data if self.resumed is None else data | {"resumed": self.resumed}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        said = tuple(Payload.from_data(one) for one in data["said"])
        return cls(said, data.get("known") or {}, data.get("resumed"), str(data.get("words") or ""))

    @property
    def asks(self) -> bool:
        """Returns whether the assistant asked about the citizen's audience."""
        return any(one.asks for one in self.said)

    @property
    def entry(self) -> str:
        """Returns the id of the last entry that was sent as an answer; '' if there is none."""
        return next((one.provenance.entry for one in reversed(self.said) if one.provenance), "")

    @property
    def question(self) -> str:
        """Returns the question of the entry that ``entry`` names; '' if there is none."""
        return next((one.provenance.question for one in reversed(self.said) if one.provenance), "")


@dataclass(frozen=True)
class Dialogue:
    """The exchanges that the citizen's next message may refer to, oldest first.

    ``at`` is the time of the last exchange, in ms since 1970; 0 if there is none. ``alarm`` is the message, masked,
    that opened the newest emergency, until it is answered because the citizen denies that emergency; else ''.
    """

    exchanges: tuple[Exchange, ...] = ()
    at: int = 0
    alarm: str = ""

    def current(self, now_ms: int) -> Dialogue:
        """Returns the dialogue, or an empty dialogue if its session has expired; ``now_ms`` is in ms since 1970.

        A fragment is forgotten after FRAGMENT_MS.
        """
        if now_ms - self.at <= FRAGMENT_MS:
            return self
        return self._without_fragments() if now_ms - self.at <= SESSION_MS else Dialogue()

    @property
    def answered(self) -> Exchange | None:
        """Returns the newest exchange in which an entry was sent, or None."""
        return next((one for one in reversed(self.exchanges) if one.entry), None)

    def without_offers(self) -> Dialogue:
        """Returns the dialogue without its open choices and questions, so that no text can accept or answer them."""
        closed = (
            replace(one, said=tuple(replace(said, candidates=(), asks=None) for said in one.said))
            for one in self.exchanges
        )
        return replace(self, exchanges=tuple(closed))

    def alarmed(self, words: str, now_ms: int) -> Dialogue:
        """Returns the dialogue after the message ``words``, masked, which opened an emergency."""
        alarm = words if len(words) <= ALARM_CHARACTERS else ""
        return replace(self.current(now_ms)._without_fragments(), at=now_ms, alarm=alarm)

    def _without_fragments(self) -> Dialogue:
        kept = (one if one.entry else replace(one, words="") for one in self.exchanges)
        return replace(self, exchanges=tuple(kept))

    def after(
        self, said: Sequence[Payload], known: Mapping[str, str], resumed: str | None, now_ms: int, words: str = ""
    ) -> Dialogue:
        """Returns the dialogue with a new exchange, and without the exchanges to which no later message can refer.

        ``words`` is the citizen's message, masked. If the same entry was sent before, the question that it answered
        first stays stored instead, since the new message may be a follow-up. Fragments in a row that nothing answered
        are stored as one. An exchange that only refers to the answer above is not stored, so that the answer is not
        forgotten because of it.
        """
        newest = Exchange(tuple(_remembered(one) for one in said), known, resumed)
        current = self.current(now_ms)
        if current.answered and not known and resumed is None and said and all(one.above for one in said):
            return replace(current, at=now_ms)
        past = current._without_fragments().exchanges
        if not_understood(newest.said):
            newest = replace(newest, words=_fragment(current, words))
        if newest.entry:
            asked = next((one.words for one in past if one.words and one.entry == newest.entry), words)
            newest = replace(newest, words=asked[:REMEMBERED_CHARACTERS])
            past = tuple(replace(one, words="") for one in past)
        exchanges = (*past, newest)
        older, recent = exchanges[:-REMEMBERED_EXCHANGES], exchanges[-REMEMBERED_EXCHANGES:]
        return Dialogue((*_of_session(older), *recent), now_ms, current.alarm)

    def to_json(self) -> str:
        data: dict[str, Any] = {"at": self.at, "exchanges": self.to_data()}
        if self.alarm:
            data["words"] = self.alarm  # a name of bot/privacy/removed_words.py
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

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
            return cls(exchanges, int(data.get("at", 0)), str(data.get("words") or ""))
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls()


def _of_session(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Returns the exchanges that stay valid until the session ends: the newest of each kind that ``_lasting`` names.

    Otherwise, each click on an old button would add one.
    """
    newest = {kind: one for one in exchanges for kind in _lasting(one)}
    return [one for one in exchanges if any(newest[kind] is one for kind in _lasting(one))]


def _lasting(exchange: Exchange) -> list[tuple[str, str]]:
    """Returns the entries whose audience the exchange asks for, the dimension that the citizen states, and a denial.

    Only the first dimension, since the actions read no other (actions/tracker.py).
    """
    asked = [("asked", one.asks.entry) for one in exchange.said if one.asks]
    denied = [("denied", "") for one in exchange.said if one.denied]
    return asked + denied + [("stated", dimension) for dimension in list(exchange.known)[:1]]


def _fragment(before: Dialogue, words: str) -> str:
    """Returns a message that nothing answered, below the fragments before it; '' if it is too long for a fragment."""
    if len(words.split()) > FRAGMENT_WORDS:
        return ""
    last = before.exchanges[-1] if before.exchanges else Exchange()
    return (f"{last.words} {words}" if last.words and not_understood(last.said) else words)[-REMEMBERED_CHARACTERS:]


def _remembered(said: Payload) -> Payload:
    """Returns the parts of a payload that a later decision needs."""
    return Payload(
        buttons=said.buttons if said.asks else (),
        provenance=said.provenance,
        handoff=replace(said.handoff, candidates=()) if said.handoff else None,
        candidates=said.candidates,
        asks=said.asks,
        missed=said.missed,
        denied=said.denied,
        explained=said.explained,
    )
