"""Makes the channel, if it is on."""

from __future__ import annotations

from bot.channels.letter.settings import LetterSettings
from bot.channels.outgoing.adapter import Adapter, ChannelContext


def connect(context: ChannelContext) -> Adapter | None:
    """Letters; None when LETTER_BOX is not set."""
    if not LetterSettings().letter_box:
        return None
    from bot.channels.letter.adapter import Letter

    return Letter()
