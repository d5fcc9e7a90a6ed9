"""Tests which reply a message with only attachments gets."""

from __future__ import annotations

import pytest

from bot.core.messages import Attachment, Channel, CitizenMessage, MediaKind
from bot.turns.attachments import unread


@pytest.mark.parametrize(
    ("kinds", "key"),
    [
        ((), ""),
        ((MediaKind.VOICE,), "audio"),
        ((MediaKind.PHOTO,), "adjunto"),
        ((MediaKind.PHOTO, MediaKind.AUDIO), "audio"),
        ((MediaKind.STICKER,), ""),
    ],
)
def test_reply_names_what_nobody_reads(kinds: tuple[MediaKind, ...], key: str) -> None:
    attachments = tuple(map(Attachment, kinds))
    assert unread(CitizenMessage("c", Channel.WEB, "1", "", 0, attachments=attachments)) == key
