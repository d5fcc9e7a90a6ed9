"""Recognizes the words with which citizens turn unsolicited notices (reminders, templates) off and on again.

The turn that confirms the choice stores it, and it holds until the citizen changes it. Answers to a citizen's messages
are not notices and are always sent.
"""

from __future__ import annotations

from bot.core.messages import Channel, CitizenMessage
from bot.turns.buttons import plain

OUT_WORDS = frozenset({"baja", "stop", "alto", "dar de baja", "darme de baja", "no mas avisos", "unsubscribe"})
BACK_WORDS = frozenset({"alta", "start", "dar de alta", "darme de alta", "quiero avisos"})


def wants_notices(message: CitizenMessage) -> bool | None:
    """Returns False for «baja», True for «alta», else None; always None on the web, which sends no notices."""
    if message.channel is Channel.WEB or message.button is not None:
        return None
    words = plain(message.text)
    if words in OUT_WORDS:
        return False
    return True if words in BACK_WORDS else None
