"""Encrypts the words of messages that wait in an inbox.

A citizen who is asked for a contact may write it at any time. The event log gets it masked, but the inbox must keep it
until the turn; there it is encrypted, since Redis writes everything to its file.
"""

from __future__ import annotations

import json
from typing import Any

from bot.core.encryption import Cipher
from bot.core.messages import CitizenMessage

PURPOSE = "pending words"
FIELD = "encrypted"


class PendingWords:
    """Converts messages to and from their form in the inbox; ``secret`` is VENTANILLA_SECRET."""

    def __init__(self, secret: str) -> None:
        self._cipher = Cipher(secret, PURPOSE)

    def encrypted(self, message: CitizenMessage) -> dict[str, Any]:
        """Returns the message with its text encrypted in FIELD."""
        raw = message.to_dict()
        return raw | {"text": "", FIELD: self._cipher.encrypt(raw["text"])} if raw["text"] else raw

    def message(self, line: str) -> CitizenMessage:
        """Reads a message; one that recovery restored from the record is not encrypted.

        The text is '' if it was encrypted with another secret.
        """
        raw = json.loads(line)
        if hidden := raw.pop(FIELD, ""):
            raw["text"] = self._cipher.decrypt(hidden) or ""
        return CitizenMessage.from_dict(raw)
