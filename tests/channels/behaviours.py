"""Defines the behaviour of every channel; a ``Stand`` simulates a citizen's phone and the provider.

test_behaviours.py runs each behaviour against each stand that stands.py finds: ``<name>_stand.py`` of a new channel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.agency.model import Agency
from bot.channels.outgoing.channel import Choice
from bot.channels.telegram.adapter import SECRET_HEADER, SECRET_PURPOSE, Telegram
from bot.channels.telegram.api import TelegramApi
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.tickets.outbox import Outbox
from tests.channels.telegram_peer import TOKEN, Call, TelegramPeer, shown
from tests.channels.world import ChannelWorld, channel_world
from tests.desk_world import served


@dataclass(frozen=True)
class Got:
    """A message as the citizen sees it, without markup; ``file`` is the name of its attachment."""

    text: str
    choices: tuple[Choice, ...] = ()
    file: str = ""


class Stand(Protocol):
    """Simulates one citizen on one channel. Writing methods return the HTTP status of the webhook call."""

    world: ChannelWorld
    peer: Any
    conversation: str
    text_limit: int

    async def write(self, text: str, *, id: int) -> int:
        """Sends a text of the citizen; an ``id`` used before is a repeat by the provider."""
        ...

    async def press(self, choice: Choice, *, id: int) -> int:
        """Presses a button, as citizens of this channel do."""
        ...

    async def photo(self, *, id: int) -> int: ...

    async def place(self, latitude: float, longitude: float, *, id: int) -> int:
        """Shares the citizen's location."""
        ...

    async def unknown(self, *, id: int) -> int:
        """Sends content of an unknown kind."""
        ...

    async def forged(self, text: str) -> int:
        """Sends a plausible webhook call that does not come from the provider."""
        ...

    async def garbage(self) -> int:
        """Sends a genuine webhook call that cannot be parsed."""
        ...

    def got(self) -> list[Got]:
        """Returns the messages that reached the citizen, in order."""
        ...

    async def file(self, number: int) -> bytes:
        """Returns the content of the file of message ``number`` of ``got``."""
        ...

    def length(self, text: str) -> int:
        """Returns the text's length as the provider counts it."""
        ...

    def limit_next(self, seconds: int) -> None:
        """Makes the provider reject the next message as too fast, with a retry after ``seconds``."""
        ...

    def refuse_next(self) -> None:
        """Makes the provider reject the next message permanently: the citizen blocked us."""
        ...

    def break_down(self, down: bool) -> None:
        """Makes the provider unreachable if ``down``, and reachable again otherwise."""
        ...

    def babble(self, on: bool) -> None:
        """Makes the provider answer success with an invalid body if ``on``, and with valid bodies otherwise."""
        ...


@dataclass
class TelegramStand:
    """Simulates a citizen on Telegram by webhook, with the simulated Telegram of telegram_peer.py over HTTP."""

    world: ChannelWorld
    peer: TelegramPeer
    chat: int = 1001
    text_limit: int = 4096
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def conversation(self) -> str:
        return self.world.addresses.name(self.world.channel.channel, str(self.chat))

    async def update(self, number: int, **what: Any) -> int:
        answer = await self.world.client.post(
            "/channels/telegram", json={"update_id": number} | what, headers=self.headers
        )
        return answer.status_code

    def message(self, number: int, **content: Any) -> dict[str, Any]:
        person = {"id": self.chat, "is_bot": False, "first_name": "Ana"}
        chat = {"id": self.chat, "type": "private", "first_name": "Ana"}
        return {"message_id": number, "date": 1764000000, "from": person, "chat": chat} | content

    async def write(self, text: str, *, id: int) -> int:
        return await self.update(id, message=self.message(id, text=text))

    async def press(self, choice: Choice, *, id: int) -> int:
        person = {"id": self.chat, "is_bot": False, "first_name": "Ana"}
        query = {"id": f"q{id}", "from": person, "chat_instance": "1", "message": self.message(1), "data": choice.id}
        return await self.update(id, callback_query=query)

    async def photo(self, *, id: int) -> int:
        sizes = [{"file_id": f"f{n}", "file_unique_id": f"u{n}", "width": n, "height": n} for n in (90, 800)]
        return await self.update(id, message=self.message(id, photo=sizes))

    async def place(self, latitude: float, longitude: float, *, id: int) -> int:
        return await self.update(id, message=self.message(id, location={"latitude": latitude, "longitude": longitude}))

    async def unknown(self, *, id: int) -> int:
        return await self.update(id, message=self.message(id, hologram={"depth": 3}))

    async def forged(self, text: str) -> int:
        wrong = {SECRET_HEADER: "0" * 64}
        body = {"update_id": 1, "message": self.message(1, text=text)}
        return (await self.world.client.post("/channels/telegram", json=body, headers=wrong)).status_code

    async def garbage(self) -> int:
        return await self.update(99, message={"date": 1, "chat": {"id": 5}})

    def got(self) -> list[Got]:
        return [_got(call) for call in self.peer.sent()]

    async def file(self, number: int) -> bytes:
        ((_, content),) = self.peer.sent()[number].files.values()
        return content

    def length(self, text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    def limit_next(self, seconds: int) -> None:
        self.peer.answer_next("sendMessage", 429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    def refuse_next(self) -> None:
        self.peer.answer_next("sendMessage", 403, "Forbidden: bot was blocked by the user")

    def break_down(self, down: bool) -> None:
        self.peer.down = down

    def babble(self, on: bool) -> None:
        self.peer.babbling = on


def _got(call: Call) -> Got:
    rows = call.fields.get("reply_markup", {}).get("inline_keyboard", [])
    choices = tuple(Choice(one["callback_data"], one["text"]) for row in rows for one in row if "url" not in one)
    text = shown(call.words)[0] if call.fields.get("parse_mode") == "HTML" else call.words
    return Got(text, choices, "".join(name for name, _ in call.files.values()))


@asynccontextmanager
async def telegram_stand(
    redis: Any,
    agency: Agency,
    *,
    public_url: str = "https://chat.losaromos.example",
    chat_every_s: float = 0.05,
    **options: Any,
) -> AsyncIterator[TelegramStand]:
    """Starts the stand, with a faster rate than Telegram's by default (``chat_every_s``: seconds per message)."""
    peer = TelegramPeer()
    async with served(peer.app()) as url:  # type: ignore[arg-type]
        api = TelegramApi(TOKEN, url)

        def make(inbox: Inbox, outbox: Outbox, addresses: Addresses, files: Files) -> Telegram:
            made = Telegram(
                api=api, inbox=inbox, outbox=outbox, addresses=addresses, files=files, public_url=public_url
            )
            made.pace = replace(made.pace, chat_every_s=chat_every_s)
            return made

        async with channel_world(redis, agency, make, **options) as world:
            headers = {SECRET_HEADER: world.addresses.secret_for(SECRET_PURPOSE)}
            try:
                yield TelegramStand(world, peer, headers=headers)
            finally:
                await world.channel.close()


MakeStand = Callable[..., AbstractAsyncContextManager[Any]]
STANDS: dict[str, MakeStand] = {"telegram": telegram_stand}
