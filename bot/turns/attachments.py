"""Chooses the reply to a message that has attachments but no text, since the assistant cannot read attachments."""

from __future__ import annotations

from bot.core.messages import CitizenMessage, MediaKind

AUDIBLE = frozenset({MediaKind.VOICE, MediaKind.AUDIO})
VISIBLE = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT, MediaKind.VIDEO})


def unread(message: CitizenMessage) -> str:
    """Returns the key of the reply to a message with attachments and no text; '' if their kinds have no reply."""
    kinds = {one.kind for one in message.attachments}
    if kinds & AUDIBLE:
        return "audio"
    return "adjunto" if kinds & VISIBLE else ""
