"""Simulates a citizen's page over the HTTP API, as the web chat's ``behaviours.Stand``.

There is no provider, so provider limits and outages do not apply; a page retries by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.agency.model import Agency
from bot.channels.outgoing.channel import Choice, Pace
from bot.channels.web.chats import Conversations
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.addresses import Addresses
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.core.messages import Channel
from bot.store.streams import stopping
from bot.tickets.outbox import Outbox
from tests.channels.behaviours import Got
from tests.channels.world import SECRET, ChannelWorld, channel_world

TOKEN = "a-citizens-token-of-the-web-chat"
LOOK_S = 0.05


class Web:
    """Wraps the web chat in a sender's interface; sends nothing."""

    channel = Channel.WEB
    pace = Pace(per_second=1.0, chat_every_s=1.0)
    idempotent = True

    def __init__(self, conversations: Conversations, agency: Agency) -> None:
        self.router = WebChat(conversations=conversations, site=Site(agency), secret=SECRET).router


@dataclass
class WebStand:
    """Simulates the page; ``seen`` lists the messages of others that it shows, polled every LOOK_S seconds."""

    world: ChannelWorld
    token: str = TOKEN
    text_limit: int = 1_000_000
    peer: Any = None
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def conversation(self) -> str:
        return self.world.addresses.name(Channel.WEB, self.token)

    async def write(self, text: str, *, id: int) -> int:
        return await self._post({"id": f"message-{id}", "text": text})

    async def press(self, choice: Choice, *, id: int) -> int:
        return await self._post({"id": f"message-{id}", "button": choice.id})

    async def forged(self, text: str) -> int:
        status = await self._post({"id": "message-1", "text": text}, token="guessed-token-of-somebody-else")
        return 403 if status == 401 else status

    def got(self) -> list[Got]:
        return [
            Got(one["text"].replace("**", ""), tuple(Choice(b["id"], b["title"]) for b in one["buttons"]))
            for one in self.seen
        ]

    def length(self, text: str) -> int:
        return len(text)

    async def look(self) -> None:
        """Polls the messages, as a page without a socket does, until cancelled."""
        while not stopping():
            answer = await self.world.client.get("/api/chat/messages", headers=self._headers(self.token))
            if answer.status_code == 200:
                self.seen = [one for one in answer.json()["events"] if one["author"] != "citizen"]
            await asyncio.sleep(LOOK_S)

    async def _post(self, body: dict[str, Any], *, token: str = "") -> int:
        headers = self._headers(token or self.token)
        status = (await self.world.client.post("/api/chat/messages", json=body, headers=headers)).status_code
        return 200 if status == 202 else status

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def web_stand(redis: Any, agency: Agency, **options: Any) -> AsyncIterator[WebStand]:
    with TemporaryDirectory() as home:

        def make(inbox: Inbox, _outbox: Outbox, _addresses: Addresses, _files: Files) -> Any:
            files = Files(Path(home) / FILES_FOLDER)
            conversations = Conversations.from_redis(redis, inbox, live=Live(redis), files=files)
            return Web(conversations, agency)

        async with channel_world(redis, agency, make, **options) as world:
            stand = WebStand(replace(world))
            looking = asyncio.create_task(stand.look())
            try:
                yield stand
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
