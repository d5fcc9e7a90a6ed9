"""Builds the adapter if its settings are set."""

from __future__ import annotations

from bot.channels.letter.settings import LetterSettings
from bot.channels.outgoing.adapter import Adapter, ChannelContext


def connect(context: ChannelContext) -> Adapter | None:
    """Builds the adapter, or returns None if LETTER_BOX is not set."""
    if not LetterSettings().letter_box:
        return None
    from bot.channels.letter.adapter import Letter

    return Letter()
