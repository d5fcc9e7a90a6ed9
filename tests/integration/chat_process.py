"""Runs a web chat, to be killed. Arguments: port, folder of the files; reads REDIS_URL from the environment.

With the argument ``stall``, stores a file and never announces it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bot.agency.model import load_agency
from bot.conversation.inbox import Inbox
from tests.chat_world import ChatServer

AGENCY = Path(__file__).parents[2] / "agency.yml"


async def stalled(_self: Inbox, message: Any, **options: Any) -> Any:
    if message.attachments:
        await asyncio.Event().wait()
    return await accept(_self, message, **options)


accept = Inbox.accept

if __name__ == "__main__":
    port, home, *how = sys.argv[1:]
    if how == ["stall"]:
        Inbox.accept = stalled  # type: ignore[method-assign]
    server = ChatServer(os.environ["REDIS_URL"], load_agency(AGENCY))
    server.port, server.home = int(port), Path(home)
    server.start()
    signal.pause()
