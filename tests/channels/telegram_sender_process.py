"""Runs only a Telegram sender, to be killed; arguments: the Bot API's URL and the folder of files.

Reads REDIS_URL from the environment.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bot.channels.outgoing.sender import Sender
from bot.channels.telegram.adapter import Telegram
from bot.channels.telegram.api import TelegramApi
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.store.client import open_redis
from bot.tickets.outbox import Outbox
from tests.channels.telegram_peer import TOKEN
from tests.channels.world import SECRET
from tests.no_record import mailbox_of
from tests.short_leases import shorten_leases
from tests.transcripts import MASTERS


async def send(api_url: str, folder: str) -> None:
    redis = open_redis(os.environ["REDIS_URL"], SECRET)
    addresses = Addresses(SECRET)
    channel = Telegram(
        api=TelegramApi(TOKEN, api_url),
        inbox=mailbox_of(redis),
        outbox=Outbox(redis),
        addresses=addresses,
        files=Files(Path(folder), masters=MASTERS),
        public_url="",
    )
    await Sender(redis=redis, channel=channel, addresses=addresses).run()


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(send(*sys.argv[1:]))
