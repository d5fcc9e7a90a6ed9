"""Encrypts the text of messages that wait in an inbox.

A citizen may write a contact at any time. While the assistant asks for a contact, the event log stores it masked, but
the inbox must keep the full text until the turn. Redis writes all data to disk, so every text in the inbox is
encrypted.
"""

from __future__ import annotations

import json
from typing import Any

from bot.core.encryption import Cipher
from bot.core.messages import CitizenMessage

PURPOSE = "pending words"
FIELD = "encrypted"


class PendingWords:
    """A converter of messages to and from their form in the inbox; ``secret`` is VENTANILLA_SECRET."""

    def __init__(self, secret: str) -> None:
        self._cipher = Cipher(secret, PURPOSE)

    def encrypted(self, message: CitizenMessage) -> dict[str, Any]:
        """Returns the message with its text encrypted in FIELD."""
        raw = message.to_dict()
        return raw | {"text": "", FIELD: self._cipher.encrypt(raw["text"])} if raw["text"] else raw

    def message(self, line: str) -> CitizenMessage:
        """Parses a line of the inbox; messages that recovery restored from the record are not encrypted.

        The text is '' if it was encrypted with another secret.
        """
        raw = json.loads(line)
        if hidden := raw.pop(FIELD, ""):
            raw["text"] = self._cipher.decrypt(hidden) or ""
        return CitizenMessage.from_dict(raw)
