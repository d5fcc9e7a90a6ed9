"""Names conversations by HMAC and encrypts citizens' addresses (a chat id, a phone number).

A copy of Redis reveals neither a number nor that two conversations belong to one citizen: names are HMAC-SHA256 of
channel and address, addresses are encrypted (bot/core/secrets/encryption.py), and both keys come from
VENTANILLA_SECRET. A rotation of the secret changes no name.
"""

from __future__ import annotations

import hmac

from bot.core.messages import Channel
from bot.core.secrets.encryption import Cipher, Secrets

NAME_CHARACTERS = 32


class Addresses:
    """Conversation names and encrypted addresses, made with ``secret`` (VENTANILLA_SECRET)."""

    def __init__(self, secret: str) -> None:
        self._secrets = Secrets.of(secret)
        self._naming = self._secrets.naming.encode()
        self._cipher = Cipher(secret, "addresses")

    def name(self, channel: Channel, address: str) -> str:
        """Returns the conversation's name for an address of a channel: 32 hexadecimal digits."""
        digest = hmac.new(self._naming, f"{channel}:{address}".encode(), "sha256").hexdigest()
        return digest[:NAME_CHARACTERS]

    def encrypt(self, plain: str) -> str:
        """Encrypts an address, or a provider's handle of a file, for storage."""
        return self._cipher.encrypt(plain)

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None, outside: bool = False) -> str | None:
        """Returns the plain text.

        Returns None if the value is damaged, encrypted with another secret, or older than ``ttl_s`` seconds.

        ``outside`` is as in ``Cipher.decrypt``.
        """
        return self._cipher.decrypt(encrypted, ttl_s=ttl_s, outside=outside)

    def renewed(self, encrypted: str) -> str | None:
        """Returns the address encrypted with the current secret.

        Returns None if it already is, or if it cannot be decrypted.
        """
        return self._cipher.renewed(encrypted)

    def secret_for(self, purpose: str) -> str:
        """Derives a secret of 64 hexadecimal digits for ``purpose``, such as a webhook's token."""
        return _derived(self._secrets.current, purpose)

    def proves(self, given: str, purpose: str) -> bool:
        """Returns whether ``given`` is the secret for ``purpose``, of the current or of a still accepted secret."""
        valid = (_derived(one, purpose) for one in self._secrets.accepted(outside=True))
        return any([hmac.compare_digest(given.encode(), one.encode()) for one in valid])


def _derived(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), f"purpose:{purpose}".encode(), "sha256").hexdigest()
