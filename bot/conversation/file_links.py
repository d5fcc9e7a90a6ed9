"""Makes and decrypts links with which a page or Twilio can fetch a conversation's file for one day.

A link gives access without sign-in, so its token is encrypted and cannot be guessed.
"""

from __future__ import annotations

from urllib.parse import quote

from bot.conversation.addresses import Addresses
from bot.conversation.files import file_id_of
from bot.core.messages import Attachment

PATH = "/archivos"
LINK_S = 24 * 3600
MARK = "file"


class FileLinks:
    """The links to files; ``addresses`` encrypts and decrypts their tokens."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def path(self, conversation: str, attachment: Attachment) -> str:
        """Returns ``/archivos/<token>/<name>``; the name comes last because a phone saves the file under it."""
        encrypted = self._addresses.encrypt(f"{MARK}:{conversation}:{file_id_of(attachment)}")
        return f"{PATH}/{encrypted}/{quote(attachment.name)}"

    def open(self, encrypted: str) -> tuple[str, str] | None:
        """Decrypts a link's token into a conversation and a file id; None if the token is invalid or expired."""
        prefix, _, rest = (self._addresses.decrypt(encrypted, ttl_s=LINK_S, outside=True) or "").partition(":")
        conversation, _, file_id = rest.partition(":")
        return (conversation, file_id) if prefix == MARK and file_id else None
