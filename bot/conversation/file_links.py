"""Addresses at which a file that staff sent can be fetched for a day, without signing in: by a page, or by Twilio.

Who has the address has the file, so it is sealed with our secret and cannot be guessed. Made by webchat_chats.py and
whatsapp.py, opened by bot/channels/web/sent_files.py.
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
    """``addresses`` seals them."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def path(self, conversation: str, attachment: Attachment) -> str:
        """``/archivos/<sealed>/<name>``: a phone that saves the file calls it by the last part."""
        encrypted = self._addresses.encrypt(f"{MARK}:{conversation}:{file_id_of(attachment)}")
        return f"{PATH}/{encrypted}/{quote(attachment.name)}"

    def open(self, encrypted: str) -> tuple[str, str] | None:
        """Conversation and id of a file; None when the address is not ours or too old."""
        mark, _, rest = (self._addresses.decrypt(encrypted, ttl_s=LINK_S) or "").partition(":")
        conversation, _, file_id = rest.partition(":")
        return (conversation, file_id) if mark == MARK and file_id else None
