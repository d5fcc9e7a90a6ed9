"""Makes and decrypts links to the page that shows a citizen what is kept of their conversation.

The link gives access without signing in, for LINK_S, so its token is encrypted with our secret and cannot be guessed.
"""

from __future__ import annotations

from bot.conversation.addresses import Addresses

PATH = "/mis-datos"
LINK_S = 3600
MARK = "own"


class OwnDataLinks:
    """Makes and decrypts the links; without ``public_url`` they are paths, which only a page of this site can open."""

    def __init__(self, addresses: Addresses, public_url: str) -> None:
        self._addresses, self._public_url = addresses, public_url.rstrip("/")

    def address(self, conversation: str) -> str:
        """Returns the address of the page of a conversation."""
        return f"{self._public_url}{PATH}/{self._addresses.encrypt(f'{MARK}:{conversation}')}"

    def open(self, token: str) -> str | None:
        """Returns the conversation of a token; None if the token is invalid or expired."""
        mark, _, conversation = (self._addresses.decrypt(token, ttl_s=LINK_S) or "").partition(":")
        return conversation if mark == MARK else None
