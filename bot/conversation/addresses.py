"""Names conversations by HMAC and encrypts citizens' addresses (a chat id, a phone number).

A copy of Redis reveals neither a number nor that two conversations belong to one citizen: names are HMAC-SHA256 of
channel and address, addresses are encrypted (bot/core/encryption.py), and both keys come from VENTANILLA_SECRET.
"""

from __future__ import annotations

import hmac

from bot.core.encryption import Cipher
from bot.core.messages import Channel

NAME_CHARACTERS = 32


class Addresses:
    """Conversation names and encrypted addresses, made with ``secret``; a new secret invalidates them."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._cipher = Cipher(secret, "addresses")

    def name(self, channel: Channel, address: str) -> str:
        """Returns the conversation's name for an address of a channel: 32 hexadecimal digits."""
        digest = hmac.new(self._secret, f"{channel}:{address}".encode(), "sha256").hexdigest()
        return digest[:NAME_CHARACTERS]

    def encrypt(self, plain: str) -> str:
        """Encrypts an address, or a provider's handle of a file, for storage."""
        return self._cipher.encrypt(plain)

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None) -> str | None:
        """Returns the plain text; None if the value is damaged, has another secret or is older than ``ttl_s``."""
        return self._cipher.decrypt(encrypted, ttl_s=ttl_s)

    def secret_for(self, purpose: str) -> str:
        """Derives a secret of 64 hexadecimal digits for ``purpose``, such as a webhook's token."""
        return hmac.new(self._secret, f"purpose:{purpose}".encode(), "sha256").hexdigest()
