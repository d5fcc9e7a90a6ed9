"""Words by which a citizen refuses what we send unasked (reminders, templates), and those by which they want it again.

Called by turns.py for every channel that must be called; what they wish is kept by mailbox.py with the turn that
confirms it, for as long as they do not change it. Answers to what they write are not notices and always go out.
"""

from __future__ import annotations

from bot.core.messages import Channel, CitizenMessage
from bot.turns.buttons import plain

OUT_WORDS = frozenset({"baja", "stop", "alto", "dar de baja", "darme de baja", "no mas avisos", "unsubscribe"})
BACK_WORDS = frozenset({"alta", "start", "dar de alta", "darme de alta", "quiero avisos"})


def wants_notices(message: CitizenMessage) -> bool | None:
    """False for «baja», True for «alta», None for anything else. On the web nothing is sent unasked."""
    if message.channel is Channel.WEB or message.button is not None:
        return None
    words = plain(message.text)
    if words in OUT_WORDS:
        return False
    return True if words in BACK_WORDS else None
