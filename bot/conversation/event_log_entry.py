"""Converts messages to and from entries of a conversation's event log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Button, Reply, buttons_in
from bot.store.commands import Row
from bot.store.words import Words
from bot.text.brief import BriefTexts

KEPT_CONVERSATIONS, KEPT_EVENTS = 300, 20  # in memory: those that desks list, and their newest events

Read = tuple[Mapping[str, str], Event]  # an entry's fields as stored, and its event


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
    """Decrypts and parses event-log entries; keeps the newest ones that were read of a conversation for minutes.

    Desks read the newest events of the same conversations again and again. An entry whose fields have changed is read
    anew, and so is one whose text could not be decrypted.
    """

    def __init__(self, words: Words, conversations: int = KEPT_CONVERSATIONS) -> None:
        self._words = words
        self._kept: BriefTexts[dict[str, Read]] = BriefTexts(conversations)

    def read(self, conversation: str, rows: list[Row]) -> list[Event]:
        """Returns the events of the entries ``rows``, oldest first, with '' for unreadable texts."""
        kept = self._kept.get(conversation, {})
        read = [
            known if (known := kept.get(row[0])) and known[0] == row[1] else self._opened(conversation, row)
            for row in rows
        ]
        newest = [one for one in read[-KEPT_EVENTS:] if one[1].text or not one[0]["text"]]
        self._kept.keep(conversation, {event.id: (fields, event) for fields, event in newest})
        return [event for _, event in read]

    def _opened(self, conversation: str, row: Row) -> Read:
        return row[1], event_from(conversation, *self._words.opened_for_people(conversation, row))
