"""The web chat as tests see it: the real channel on a real port with real Valkey behind, and a stub in place of Rasa.

The stub commits through the real mailbox: it answers ``eco: <words>``, offers buttons when asked for ``opciones``, and
opens a ticket for ``persona``.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.agency import Agency
from bot.channels.webchat import WebChat
from bot.channels.webchat_origins import WidgetOrigins
from bot.conversation.connect import open_redis
from bot.conversation.live import Live
from bot.conversation.mailbox import Change, Mailbox
from bot.messages import Author, Button, CitizenMessage, Handoff, HandoffReason, Reply, Source, Speaker
from bot.run.ports import LOOPBACK, free_port

OPTIONS = (Button("La primera", "/first", "b1"), Button("La segunda", "/second", "b2"))
SOURCE = Source("ChileAtiende", "https://www.chileatiende.gob.cl")
START_PATIENCE_S = 10


class ChatServer:
    """A running chat; ``start`` again after ``stop`` comes back on the same port with the same secret."""

    def __init__(self, redis_url: str, agency: Agency, *, origins: tuple[str, ...] = (), sockets: bool = True) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._redis_url = redis_url
        self._agency = agency
        self._origins = origins
        self._sockets = sockets

    def start(self) -> ChatServer:
        config = uvicorn.Config(
            self._app(),
            host=LOOPBACK,
            port=self.port,
            log_level="critical",
            timeout_graceful_shutdown=1,
            ws="auto" if self._sockets else "none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert self._server.started
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()

    def _app(self) -> FastAPI:
        redis = open_redis(self._redis_url)
        mailbox, live = Mailbox(redis), Live(redis)

        @asynccontextmanager
        async def running(_app: FastAPI) -> AsyncIterator[None]:
            await live.start()
            task = asyncio.create_task(_answer_all(mailbox, live))
            yield
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await live.stop()
            await redis.aclose()

        app = FastAPI(lifespan=running)
        app.add_middleware(WidgetOrigins, allowed=self._origins)
        app.include_router(self._web(mailbox, live).router())
        return app

    def _web(self, mailbox: Mailbox, live: Live) -> WebChat:
        return WebChat(mailbox=mailbox, live=live, agency=self._agency, secret="s" * 40, sites=self._origins)


async def _answer_all(mailbox: Mailbox, live: Live) -> None:
    async with live.subscribe(None) as events:
        async for event in events:
            if event.kind == "message" and event.author is Author.CITIZEN:
                for message in await mailbox.mail(event.conversation):
                    await _answer(mailbox, message)


async def _answer(mailbox: Mailbox, message: CitizenMessage) -> None:
    speaker = (await mailbox.state(message.conversation)).speaker
    replies, options = _decide(message.text) if speaker is Speaker.ASSISTANT else ((), {})
    buttons = replies[0].buttons if replies else None
    await mailbox.commit([message], replies, speaker=speaker, change=Change(buttons=buttons), **options)


def _decide(text: str) -> tuple[tuple[Reply, ...], dict[str, Any]]:
    if text == "persona":
        return (Reply("Quedas en la fila.", author=Author.SYSTEM),), {"handoff": Handoff(HandoffReason.ASKED_HUMAN)}
    if text == "opciones":
        return (Reply("¿Cuál?", buttons=OPTIONS),), {}
    return (Reply(f"eco: {text}", source=SOURCE),), {}
