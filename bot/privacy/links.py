"""Makes and decrypts links to the page that shows citizens the data stored about their conversation.

A link gives access without sign-in for LINK_S seconds, so its token is encrypted and cannot be guessed. The token is in
the fragment (after «#»), which browsers send to no server, so no proxy, log or maker of link previews gets it.
"""

from __future__ import annotations

from bot.conversation.addresses import Addresses

PATH = "/mis-datos"
LINK_S = 3600
MARK = "own"


class OwnDataLinks:
    """Makes and decrypts the links; without ``public_url``, they are paths, which work only on this site's pages."""

    def __init__(self, addresses: Addresses, public_url: str) -> None:
        self._addresses, self._public_url = addresses, public_url.rstrip("/")

    def address(self, conversation: str) -> str:
        """Returns the URL of a conversation's page, with a new token."""
        return f"{self._public_url}{PATH}#{self._addresses.encrypt(f'{MARK}:{conversation}')}"

    def open(self, link: str) -> str | None:
        """Decrypts the token of a link, or the token alone, into its conversation; None if it is invalid or expired."""
        token = link.strip().rpartition("#")[2]
        mark, _, conversation = (self._addresses.decrypt(token, ttl_s=LINK_S, outside=True) or "").partition(":")
        return conversation if mark == MARK else None
