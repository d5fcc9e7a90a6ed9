"""Sends an e-mail to each of several people; if one cannot be sent, the others are sent anyway."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.logs import log
from bot.mail.senders import Sender, SendingFailed, Words


async def mailed(mail: Sender, letters: Mapping[str, Words]) -> bool:
    """Sends each address its e-mail, and logs those that fail.

    Returns whether at least one was sent, or there was none to send.
    """
    sent = 0
    for address, words in letters.items():
        try:
            await mail.send(address, words)
            sent += 1
        except SendingFailed:
            log.warning("mail: letter not sent", subject=words.subject)
    return bool(sent) or not letters
