"""Cuts off the words with which a citizen rejects the assistant («no me sirves, quiero una persona»).

They sound like those of somebody who feels useless. Only words addressed to the assistant count, at the start of the
message.
"""

from __future__ import annotations

from bot.core.texts import area
from bot.text.normalize import plain


def without_rejection(text: str) -> str:
    """Returns the words after those that reject the assistant; '' if the message does not begin so."""
    words = plain(text)
    starts = (one for one in area("faq")["rechaza"] if words.startswith(f"{one} "))
    longest = max(starts, key=len, default="")
    return words.removeprefix(longest).strip() if longest else ""
