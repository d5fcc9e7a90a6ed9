"""Reads the messages that wait in an inbox; the scripts' arguments encrypt them (bot/store/words.py).

A citizen may write a contact at any time. While the assistant asks for a contact, the event log stores it masked, but
the inbox must keep the full text until the turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.core.messages import CitizenMessage
from bot.core.secrets.encryption import Cipher
from bot.store.words import Words, WordsDamaged

PURPOSE = "pending words"
FIELD = "encrypted"  # field of an older release's message: the text, encrypted with a separate key


class PendingWords:
    """A reader of inboxes; ``secret`` is VENTANILLA_SECRET."""

    def __init__(self, words: Words, secret: str) -> None:
        self._words, self._older = words, Cipher(secret, PURPOSE)

    def messages(self, conversation: str, lines: Iterable[str]) -> list[CitizenMessage]:
        """Parses lines of the conversation's inbox, as ``message`` does."""
        return [self.message(conversation, line) for line in lines]

    def message(self, conversation: str, line: str) -> CitizenMessage:
        """Parses a line of the conversation's inbox.

        Raises WordsLocked if the text's key is missing. Raises WordsDamaged if the text is damaged, was given up or
        belongs to another conversation, or if an older release encrypted it with another secret, which no start can
        provide.
        """
        raw = self._words.opened_in_full(conversation, json.loads(line))
        if hidden := raw.pop(FIELD, ""):
            raw["text"] = self._older.decrypt(hidden)
            if raw["text"] is None:
                raise WordsDamaged(conversation=conversation)
        return CitizenMessage.from_dict(raw)

    def shown(self, conversation: str, lines: Iterable[str]) -> list[CitizenMessage]:
        """Parses lines for people, with '' for a damaged text. Raises WordsLocked."""
        found = [self._words.opened_or_blank(conversation, json.loads(line)) for line in lines]
        for raw in found:
            if hidden := raw.pop(FIELD, ""):
                raw["text"] = self._older.decrypt(hidden) or ""
        return [CitizenMessage.from_dict(raw) for raw in found]
