"""Runs the real web chat on a real port with real Valkey, and a stub in place of Rasa.

The stub commits through the real inbox: it answers ``eco: <text>``, offers buttons for ``opciones``, answers ANSWERED
from an entry, sends LONG for ``larga``, and opens a ticket for ``persona`` or, with priority, for ``reclamo`` and
``huele a gas``. The latter also raises the priority of a waiting ticket.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI

from bot.agency.model import Agency
from bot.agency.schedule import Opening
from bot.app.stream_server import StreamServer
from bot.channels.web.chats import Conversations
from bot.channels.web.files import sent_files_router
from bot.channels.web.origins import WidgetOrigins
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.conversation.file_links import FileLinks
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.core.messages import (
    Author,
    Button,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    Provenance,
    RecognizedDanger,
    Reply,
    Source,
    Speaker,
)
from bot.faq.entries.entry import Entry
from bot.run.ports import LOOPBACK, free_port
from bot.store.cancelling import cancelled
from bot.store.client import open_redis
from bot.store.keys import RESTORED
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Said
from bot.tickets.transitions import Note, Transitions
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.no_record import mailbox_of
from tests.transcripts import MASTERS

OPTIONS = (Button("La primera", "/first", "b1"), Button("La segunda", "/second", "b2"))
LONG = """Se renueva en la comuna **donde vives**.

**[Pedir hora](https://www.chileatiende.gob.cl/pedir)**

**Pasos**

1. Pide hora en [la página](https://www.chileatiende.gob.cl/hora).
2. Da el examen.

**Costo:** lo fija la ordenanza."""
TITLE = "¿Cómo renuevo mi licencia?"
PROOF = Provenance("licencia", "abc123", "¿Cómo?", 0.9)
SOURCE = Source("ChileAtiende", "https://www.chileatiende.gob.cl")
ANSWERED = "hay un hoyo"
GAS = "huele a gas"
EMERGENCY = (
    Reply("Sal del lugar y llama al **132** (Bomberos).", danger=RecognizedDanger("gas", sure=True)),
    Reply("¿Ya llamaste? ¿Estás a salvo?"),
)
PROVENANCE = Provenance("bache", "0" * 12, "¿Cómo aviso de un hoyo?", 0.9, "OIRS", "2026-11-01")
SECRET = "s" * 40
OPEN = Opening(True, "Abierto, cierra a las 14:00")
SOME_DAY_MS = 2**45
T = TypeVar("T")


class ChatServer:
    """A running chat; after ``stop``, ``start`` reuses the port and the secret."""

    def __init__(
        self,
        redis_url: str,
        agency: Agency,
        *,
        origins: tuple[str, ...] = (),
        sockets: bool = True,
        entries: Callable[[], Sequence[Entry]] = tuple,
    ) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._redis_url = redis_url
        self._site = Site(agency, origins, opening=lambda: OPEN, entries=entries)
        self._origins = origins
        self._sockets = sockets
        self.home = Path(mkdtemp())

    def start(self) -> ChatServer:
        config = uvicorn.Config(
            self._app(),
            host=LOOPBACK,
            port=self.port,
            log_level="critical",
            timeout_graceful_shutdown=1,
            ws="auto" if self._sockets else "none",
        )
        self._server = StreamServer(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually_blocking(lambda: self._server.started)
        return self

    @property
    def staff(self) -> Staff:
        """Returns an agent who acts on this chat."""
        return Staff(self._conversations, self._transitions, self._loop)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        shutil.rmtree(self.home, ignore_errors=True)

    def _app(self) -> FastAPI:
        redis = open_redis(self._redis_url, SECRET)
        inbox, live = mailbox_of(redis), Live(redis)
        self._transitions = Transitions(redis)
        files = Files(self.home / FILES_FOLDER, masters=MASTERS)
        self._conversations = conversations = Conversations.from_redis(redis, inbox, live=live, files=files)

        @asynccontextmanager
        async def running(_app: FastAPI) -> AsyncIterator[None]:
            self._loop = asyncio.get_running_loop()
            await live.start()
            await redis.set(RESTORED, 1)  # there is no record
            tasks = [asyncio.create_task(one) for one in (_answer_all(inbox, live), conversations.positions.run())]
            try:
                yield
            finally:
                await cancelled(tasks)
                await live.stop()
                await redis.aclose()

        app = FastAPI(lifespan=running)
        app.add_middleware(WidgetOrigins, allowed=self._origins)
        app.router.routes.extend(self._web(conversations).router().routes)
        app.router.routes.extend(sent_files_router(FileLinks(Addresses(SECRET)), conversations.files).routes)
        return app

    def _web(self, conversations: Conversations) -> WebChat:
        return WebChat(conversations=conversations, site=self._site, secret=SECRET)


class Staff:
    """An agent whose actions a synchronous test calls one by one."""

    ME = StaffRef("ana", "Ana Soto")

    def __init__(self, conversations: Conversations, transitions: Transitions, loop: asyncio.AbstractEventLoop) -> None:
        self._parts = conversations
        self._transitions = transitions
        self._loop = loop

    def takes(self) -> None:
        first = self._do(self._parts.tickets.waiting())[0]
        self._do(self._parts.tickets.claim(first.id, self.ME, Reply("Te atiende Ana.", author=Author.SYSTEM)))

    def promises_a_call(self) -> None:
        """Schedules a call-back; until then the assistant answers."""
        self._do(self._transitions.schedule_callback(self._mine.id, self.ME, SOME_DAY_MS))

    def takes_the_call(self) -> None:
        (call,) = self._do(self._parts.tickets.callbacks())
        self._do(self._parts.tickets.claim(call.id, self.ME, Reply("Te atiende Ana.", author=Author.SYSTEM)))

    def says(self, text: str) -> None:
        self._do(self._parts.tickets.reply(self._mine.id, self.ME, text, secrets.token_hex(8)))

    def notes(self, text: str) -> None:
        """Adds a note, which only staff see."""
        self._do(self._transitions.note(self._mine.id, self.ME, Note(secrets.token_hex(8), text)))

    def somebody_waits(self) -> bool:
        return bool(self._do(self._parts.tickets.waiting()))

    def sends(self, name: str, content: bytes, text: str) -> None:
        kept = self._do(self._parts.files.keep(self._mine.conversation, name, content))
        said = Said(secrets.token_hex(8), text, (kept.as_attachment(),))
        self._do(self._parts.tickets.say(self._mine.id, self.ME, said))

    def types(self) -> None:
        self._do(self._parts.signals.typing(self._mine.conversation, Author.STAFF, self.ME.name))

    def reads(self) -> None:
        """Marks all messages as read by the agent."""
        feed = self._do(self._parts.inbox.events(self._mine.conversation))
        self._do(self._parts.signals.read(self._mine.conversation, Author.STAFF, feed[-1].id))

    def closes(self) -> None:
        self._do(self._parts.tickets.close(self._mine.id, self.ME, Reply("Ana cerró.", author=Author.SYSTEM)))

    def hears(self) -> tuple[str, str]:
        """Returns the id of the last event that the citizen has read, and the id of the newest event."""
        conversation = self._mine.conversation
        feed = self._do(self._parts.inbox.events(conversation))
        return self._do(self._parts.signals.read_up_to(conversation, Author.CITIZEN)), feed[-1].id

    @property
    def _mine(self) -> Ticket:
        return self._do(self._parts.tickets.claimed())[0]

    def _do(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(PATIENCE_S)


async def _answer_all(inbox: Inbox, live: Live) -> None:
    async with live.subscribe(None) as events:
        async for event in events:
            if event.kind == "message" and event.author is Author.CITIZEN:
                for message in await inbox.pending(event.conversation):
                    await _answer(inbox, message)


async def _answer(inbox: Inbox, message: CitizenMessage) -> None:
    speaker = (await inbox.state(message.conversation)).speaker
    replies, options = _decide(message.text) if speaker is Speaker.ASSISTANT else ((), {})
    change = Change(buttons=replies[0].buttons if replies else None)
    if speaker is Speaker.WAITING and message.text == GAS:
        replies, change = EMERGENCY, Change(escalate_to=Priority.EMERGENCY)
    await inbox.commit([message], replies, speaker=speaker, change=change, **options)


def _decide(text: str) -> tuple[tuple[Reply, ...], dict[str, Any]]:
    if text == "persona":
        return (Reply("**Quedas en la fila.** Escribe lo que necesitas.", author=Author.SYSTEM),), {
            "handoff": Handoff(HandoffReason.ASKED_HUMAN)
        }
    if text == GAS:
        return EMERGENCY, {"handoff": Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY)}
    if text == "reclamo":
        handoff = Handoff(HandoffReason.COMPLAINT, Priority.HIGH)
        return (Reply("Irá primero.", buttons=OPTIONS[:1], author=Author.SYSTEM),), {"handoff": handoff}
    if text == "opciones":
        return (Reply("¿Cuál?", buttons=OPTIONS),), {}
    if text == ANSWERED:
        return (Reply("Avisa al **+56 2 2555 0100**.", source=SOURCE, provenance=PROVENANCE),), {}
    if text == "larga":
        return (_long(),), {}
    return (Reply(f"eco: {text}", source=SOURCE),), {}


def _long() -> Reply:
    rating = secrets.token_urlsafe(6)
    return Reply(LONG, source=SOURCE, provenance=PROOF, fold_after=1, rating_id=rating, title=TITLE)
