"""Simulates a slow mail server, and checks a task that sends e-mails meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.mail.senders import Words
from bot.record.engine import Sessions
from tests.idle_transactions import idle_transactions


@dataclass
class SlowPost:
    """A mail sender that waits for ``goes_on`` before it sends; ``asked`` is set at the first e-mail."""

    way: str = "mail"
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[str] = field(default_factory=list)

    async def send(self, to: str, _words: Words) -> None:
        self.asked.set()
        await self.goes_on.wait()
        self.sent.append(to)


async def sent_once_without_a_transaction(
    sessions: Sessions, post: SlowPost, send: Callable[[], Awaitable[object]]
) -> None:
    """Calls ``send``, calls it again meanwhile as another process would, and once more afterwards.

    Checks that no transaction is idle while the mail server waits, and that each recipient gets one e-mail.
    """
    first = asyncio.ensure_future(send())
    await post.asked.wait()
    assert await idle_transactions(sessions) == 0
    await send()
    post.goes_on.set()
    await first
    await send()
    assert post.sent and len(post.sent) == len(set(post.sent))
