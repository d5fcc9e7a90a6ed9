"""Citizens' addresses (a chat id, a phone number): a name that tells nothing, and a sealed form to answer to.

Called by the channels when a message arrives and by outbox.py when one is sent. Whoever reads Redis sees neither a
number nor who two conversations have in common: names are HMAC-SHA256 of channel and address, the sealed form is that
of bot/core/encryption.py. Both keys come from VENTANILLA_SECRET, so a copy of Redis alone opens nothing.
"""

from __future__ import annotations

import hmac

from bot.core.encryption import Cipher
from bot.core.messages import Channel

NAME_CHARACTERS = 32


class Addresses:
    """``secret`` is VENTANILLA_SECRET. Changing it makes the old addresses unreadable and the old names unknown."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._cipher = Cipher(secret, "addresses")

    def name(self, channel: Channel, address: str) -> str:
        """The conversation's name for an address of a channel."""
        digest = hmac.new(self._secret, f"{channel}:{address}".encode(), "sha256").hexdigest()
        return digest[:NAME_CHARACTERS]

    def encrypt(self, plain: str) -> str:
        """``plain`` (an address, or a provider's handle of a file) as it may be kept."""
        return self._cipher.encrypt(plain)

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None) -> str | None:
        """What was sealed; None when it was not sealed with this secret, or longer than ``ttl_s`` ago."""
        return self._cipher.decrypt(encrypted, ttl_s=ttl_s)

    def secret_for(self, purpose: str) -> str:
        """A secret of 64 hexadecimal digits for ``purpose``, such as the token a webhook carries."""
        return hmac.new(self._secret, f"purpose:{purpose}".encode(), "sha256").hexdigest()
