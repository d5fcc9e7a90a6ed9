"""Provides a minimal mail server that is slow at one step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.mail.senders import MailSender
from bot.run.ports import LOOPBACK

REPLIES = {"ehlo": "250 hola", "mail": "250 ok", "rcpt": "250 ok", "data": "354 va", "quit": "221 chao"}


@dataclass
class MailServer:
    """Waits for ``goes_on`` before it answers the command ``slow``; ``quit`` is the answer to the command quit."""

    slow: str = ""
    quit: str = "221 chao"
    taken: list[str] = field(default_factory=list)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: int = 0
    ended: int = 0
    port: int = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[MailSender]:
        server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield MailSender(SecretStr(f"smtp://{LOOPBACK}:{self.port}"), "chat@losaromos.example")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._say(writer, "connect", "220 hola")
            while line := (await reader.readline()).decode():
                command = line[:4].strip().lower()
                await self._say(writer, command, {**REPLIES, "quit": self.quit}[command])
                if command == "data":
                    content = (await reader.readuntil(b"\r\n.\r\n")).decode()
                    self.taken.append(content)
                    await self._say(writer, "content", "250 ok")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.ended += 1
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, command: str, words: str) -> None:
        if command == self.slow:
            self.waiting += 1
            await self.goes_on.wait()
        writer.write(words.encode() + b"\r\n")
        await writer.drain()
