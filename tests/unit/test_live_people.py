"""Tests that the harness's simulated page behaves like the widget if the server has lost its conversation."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection, serve

from bot.run.ports import LOOPBACK
from tests.live_people import SocketCitizen


@dataclass
class ForgetfulServer:
    """Acknowledges only the message ``kept``, then closes and knows no token; ``got`` lists each chat's messages."""

    kept: str
    got: list[tuple[str, str, str | None]] = field(default_factory=list)

    async def serve(self, socket: ServerConnection) -> None:
        chat = ""
        async for line in socket:
            told = json.loads(line)
            if told["type"] == "hello":
                assert told["after"] == "0" or told.get("token")
                if told.get("token"):
                    await socket.send(json.dumps({"type": "error", "code": "unknown_token", "text": "no"}))
                    continue
                chat = "second" if self.got else "first"
                await socket.send(json.dumps({"type": "welcome", "token": chat, "conversation": chat, "speaker": ""}))
                event = {"type": "event", "id": f"{len(chat)}-0", "author": "assistant", "text": chat}
                await socket.send(json.dumps(event))
                continue
            self.got.append((chat, told["id"], told["follows"]))
            if chat == "second" or told["id"] == self.kept:
                await socket.send(json.dumps({"type": "ack", "id": told["id"]}))
            else:
                await socket.close()


async def test_unacknowledged_message_is_sent_again_in_a_new_chat() -> None:
    server = ForgetfulServer("a")
    async with serve(server.serve, LOOPBACK, 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        page = SocketCitizen(f"http://{LOOPBACK}:{port}", "10.0.0.1", lambda _: None)
        page.pause_s = page.acknowledged_within_s = 0.05
        running = asyncio.create_task(page.run())
        await page.until(lambda: bool(page.conversation))
        await page.say_all({"a": "uno", "b": "dos", "c": "tres"})
        running.cancel()
    assert server.got[:2] == [("first", "a", None), ("first", "b", "a")]
    assert [one for one in server.got if one[0] == "second"] == [("second", "b", None), ("second", "c", "b")]
    assert {chat: [one["text"] for one in events] for chat, events in page.chats.items()} == {
        "first": ["first"],
        "second": ["second"],
    }
