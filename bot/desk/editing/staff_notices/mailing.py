"""Sends e-mails about entries to staff and units."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.logs import log
from bot.mail.senders import Sender, SendingFailed, Words


async def mailed(mail: Sender, letters: Mapping[str, Words]) -> bool:
    """Sends each address its letter; returns whether at least one was sent, or there is none to send."""
    sent = 0
    for address, words in letters.items():
        try:
            await mail.send(address, words)
            sent += 1
        except SendingFailed:
            log.warning("entries: notice not sent by mail")
    return bool(sent) or not letters
