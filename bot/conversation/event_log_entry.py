"""Converts messages to and from entries of a conversation's event log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Button, Reply, buttons_in
from bot.store.commands import Row
from bot.store.words import Words

KEPT_S = 60.0  # so that what was deleted elsewhere does not stay in memory for long
KEPT_EVENTS = 5000


@dataclass(frozen=True)
class EventLogEntry:
    """A message in the form in which the scripts append it to an event log."""

    author: Author
    text: str
    facts: MessageFacts

    @classmethod
    def of(cls, reply: Reply) -> EventLogEntry:
        return cls(reply.author, reply.text, MessageFacts.of_reply(reply))

    @classmethod
    def from_dict(cls, raw: Mapping[str, str]) -> EventLogEntry:
        return cls(Author(raw["author"]), raw["text"], MessageFacts.from_data(json.loads(raw["data"])))

    def to_dict(self) -> dict[str, str]:
        data = json.dumps(self.facts.to_data())
        return {"kind": EventKind.MESSAGE, "author": self.author, "text": self.text, "data": data}


def event_of(reply: Reply) -> dict[str, str | dict[str, dict[str, str]]]:
    """Converts a reply into the event that the scripts append to an event log.

    If the reply has translations, the event's ``languages`` maps each language to the text and data that
    lib/languages.lua uses instead.
    """
    entry = EventLogEntry.of(reply).to_dict()
    languages = {one: EventLogEntry.of(reply.in_language(one)).to_dict() for one in reply.translations}
    own = {one: {name: made[name] for name in ("text", "data")} for one, made in languages.items()}
    return {**entry, "languages": own} if own else {**entry}


def offer_of(buttons: tuple[Button, ...]) -> dict[str, str]:
    """Returns the buttons as the scripts keep them: JSON by language, from which lib/languages.lua chooses.

    The key of Spanish, and of languages without a key, is "es".
    """
    languages = {language for one in buttons for language in one.titles} - {"es"}
    offers = {"es": buttons} | {one: buttons_in(one, buttons) for one in sorted(languages)}
    return {one: json.dumps([button.to_data() for button in own]) for one, own in offers.items()}


def event_from(conversation: str, event_id: str, fields: Mapping[str, str]) -> Event:
    """Builds an Event from an event-log entry as Redis returns it."""
    extra = {"id": event_id, "conversation": conversation, "data": json.loads(fields["data"])}
    return Event.from_data({**fields, **extra})


class EventReader:
    """Decrypts and parses event-log entries; keeps the result for KEPT_S seconds, in memory only.

    Desks read the newest events of the same conversations again and again. An entry whose fields have changed is read
    anew. At most ``most`` events are kept.
    """

    def __init__(self, words: Words, *, most: int = KEPT_EVENTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._words, self._most, self._clock = words, most, clock
        self._kept: dict[tuple[str, str], tuple[float, Mapping[str, str], Event]] = {}  # the oldest first

    def read(self, conversation: str, rows: list[Row]) -> list[Event]:
        """Returns the events of the entries ``rows``, with '' for unreadable texts."""
        now = self._clock()
        self._forget(now)
        return [self._event(conversation, row, now) for row in rows]

    def _event(self, conversation: str, row: Row, now: float) -> Event:
        kept = self._kept.get((conversation, row[0]))
        if kept and kept[1] == row[1]:
            return kept[2]
        self._kept.pop((conversation, row[0]), None)
        event = event_from(conversation, *self._words.opened_for_people(conversation, row))
        self._kept[conversation, row[0]] = (now, row[1], event)
        return event

    def _forget(self, now: float) -> None:
        """Drops the events that were read too long ago, and the oldest ones beyond the limit."""
        while self._kept and (len(self._kept) > self._most or self._oldest < now - KEPT_S):
            del self._kept[next(iter(self._kept))]

    @property
    def _oldest(self) -> float:
        return next(iter(self._kept.values()))[0]
