"""Runs the real desk on a real port with Valkey and PostgreSQL, and creates citizens who wait."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from bot.agency.model import Agency
from bot.app.stream_server import StreamServer
from bot.conversation.bans import Bans
from bot.conversation.change import Change
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.disk import Disk, Room
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.core.network import trusted
from bot.core.settings import Settings
from bot.desk.auth.accounts import add_staff
from bot.desk.editing.presence import OpenEntries
from bot.desk.router import desk_router
from bot.desk.services import DeskServices
from bot.handoff.approvals import Approvals
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices
from bot.privacy.personal_data import PersonalData, Stores
from bot.privacy.record import Trackers
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.record.ban_record import BanBook
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.store.cancelling import cancelled
from bot.store.throttle import Throttle
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.staff_notices import StaffNotices
from bot.tickets.ticket import Ticket
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from bot.tickets.waits import Waits
from bot.turns.rights.banned import ban_ended, ban_notice
from bot.turns.rollout import Rollout
from tests.eventually import PATIENCE_S, eventually
from tests.no_record import mailbox_of, proposals_of
from tests.quick_passwords import QUICK

PASSWORD = "una frase larga y tranquila"
CSRF = re.compile(r'"csrf": "([^"]+)"')
NOWHERE = Path(gettempdir()) / "nothing-is-here"
_numbers = itertools.count(1)


@dataclass
class DeskWorld:
    """The desk and its surroundings; ``faq`` replaces the live FAQ: tests set its ``problems`` and ``entries``."""

    redis: Any
    sessions: Sessions
    inbox: Inbox
    tickets: Tickets
    live: Live
    signals: Signals
    agency: Agency
    app: FastAPI
    faq: SimpleNamespace
    board: NoticeBoard
    url: str = ""
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def hire(
        self, email: str, name: str, roles: tuple[str, ...] = ("agent",), teams: tuple[str, ...] = ()
    ) -> str:
        """Creates an account whose password is PASSWORD, hashed quickly."""
        hashed = QUICK.hash(PASSWORD)
        row = Staff(email=email, name=name, roles=list(roles), teams=list(teams), password_hash=hashed)
        row.must_change_password = False
        async with self.sessions.begin() as session:
            session.add(row)
        return email

    async def appoint(self, email: str, name: str, roles: tuple[str, ...] = ("agent",)) -> str:
        """Creates an account with PASSWORD and an audit row, as the command line does; slower than ``hire``."""
        await add_staff(self.sessions, email, name, roles)
        await self.set_password(email, PASSWORD)
        return email

    async def set_password(self, email: str, password: str) -> None:
        from sqlalchemy import update

        values: dict[str, Any] = {"password_hash": QUICK.hash(password), "must_change_password": False}
        async with self.sessions.begin() as session:
            await session.execute(update(Staff).where(Staff.email == email).values(**values))

    async def set_teams(self, email: str, *teams: str) -> None:
        from sqlalchemy import update

        async with self.sessions.begin() as session:
            await session.execute(update(Staff).where(Staff.email == email).values(teams=list(teams)))

    def browser(self) -> httpx.AsyncClient:
        """Returns a signed-out browser whose requests come from the desk's own pages."""
        headers = {"Origin": self.url}
        client = httpx.AsyncClient(verify=trusted(), base_url=self.url, headers=headers, timeout=PATIENCE_S)
        self.clients.append(client)
        return client

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """Returns a browser signed in as ``email``, which sends its CSRF token with every request."""
        client = self.browser()
        answer = await client.post("/desk/login", data={"correo": email, "clave": password})
        assert answer.status_code == 303, answer.text
        page = await client.get("/desk")
        client.headers["X-CSRF-Token"] = CSRF.search(page.text)[1]  # type: ignore[index]
        return client

    async def sign_in_elsewhere(self, email: str) -> httpx.AsyncClient:
        """Returns a browser signed in as an account that may not open the desk, such as an editor's."""
        client = self.browser()
        answer = await client.post("/desk/login", data={"correo": email, "clave": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    async def say(self, conversation: str, text: str, channel: Channel = Channel.WEB) -> CitizenMessage:
        message = CitizenMessage(conversation, channel, f"m{next(_numbers)}", text, at=0)
        await self.inbox.accept(message)
        return message

    async def answer(
        self, message: CitizenMessage, *replies: Reply, handoff: Handoff | None = None, **known: str
    ) -> None:
        change = Change(known=known)
        done = await self.inbox.commit([message], replies, speaker=Speaker.ASSISTANT, change=change, handoff=handoff)
        assert done == "ok"

    async def wait_for_person(
        self,
        text: str,
        *,
        handoff: Handoff | None = None,
        channel: Channel = Channel.WEB,
        replies: tuple[Reply, ...] = (),
        **known: str,
    ) -> Ticket:
        """Creates a citizen who wrote ``text`` and now waits for a person; ``known`` are facts such as ``idioma``."""
        conversation = f"c{next(_numbers):04d}"
        message = await self.say(conversation, text, channel)
        handoff = handoff or Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
        await self.answer(message, *replies, handoff=handoff, **known)
        return next(one for one in await self.tickets.waiting() if one.conversation == conversation)


@asynccontextmanager
async def desk_world(
    redis: Any,
    sessions: Sessions,
    agency: Agency,
    public_url: str = "",
    fetch: Any = None,
    home: Path = NOWHERE,
    actions_url: str = "",
    preview: Any = None,
    disk: Disk | None = None,
    channels: tuple[Channel, ...] = (Channel.WEB,),
    **more: Any,
) -> AsyncIterator[DeskWorld]:
    inbox, tickets, live, signals = mailbox_of(redis), Tickets(redis), Live(redis), Signals(redis)
    transitions, presences = Transitions(redis), Presences(redis, agency.desk.lease_s)
    forecasts = Forecasts(agency, ServiceHours(agency), Waits(redis), presences)
    notices = WaitingNotices(agency, ServiceHours(agency), tickets.count_waiting, forecasts)
    pending_approvals = proposals_of(redis)
    faq = SimpleNamespace(problems=(), entries=())
    folders = Files(home / FILES_FOLDER), Files(home / COMPLAINT_FILES)
    personal_data = PersonalData(Stores(sessions, redis, *folders, Trackers(""), home))
    services = DeskServices(
        disk=(measured := disk or Disk(home, floor_mb=0)),
        files=Files(home / FILES_FOLDER, partial(measured.has, Room.FILES)),
        complaint_files=Files(home / COMPLAINT_FILES),
        personal_data=personal_data,
        ban_book=BanBook(sessions, Bans(redis), partial(ban_notice, agency), ban_ended(agency)),
        tickets=tickets,
        transitions=transitions,
        presences=presences,
        staff_notices=StaffNotices(redis),
        open_entries=OpenEntries(redis),
        approvals=Approvals(
            pending_approvals=pending_approvals,
            presences=presences,
            agency=agency,
            wait_notice=notices,
        ),
        inbox=inbox,
        outbox=Outbox(redis),
        throttle=Throttle(redis),
        live=live,
        signals=signals,
        rollout=Rollout(redis),
        sessions=sessions,
        agency=agency,
        settings=Settings(
            PUBLIC_URL=public_url,
            VENTANILLA_HOME=home,
            VENTANILLA_SECRET=SecretStr("s" * 40),
            ACTIONS_URL=actions_url,
            **more,
        ),
        faq=faq,
        board=(board := NoticeBoard()),
        kept_notices=KeptNotices(redis),
        fetch=fetch,
        channels=channels,
        previews={Channel.WHATSAPP: preview} if preview else {},
    )
    app = FastAPI(routes=desk_router(services).routes)
    world = DeskWorld(redis, sessions, inbox, tickets, live, signals, agency, app, faq, board)
    await live.start()
    try:
        async with served(app) as world.url:
            yield world
    finally:
        for client in world.clients:
            await client.aclose()
        await live.stop()


@asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serves the app on a free port of this machine, or on the given one, and yields its URL.

    Starts and stops as ``StreamServer.serve`` does, but without its sleeps, which are 0.2 s for each of 2,000 tests.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = StreamServer(config := uvicorn.Config(app, log_level="warning", lifespan="off"))
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    await server.on_tick(0)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await _stop(server)
        listener.close()


async def _stop(server: StreamServer) -> None:
    """Ends the server: gives the requests in progress a second, then cancels them and waits until they have ended."""
    server._streams.end()
    state = server.server_state
    for one in server.servers:
        one.close()
    for connection in list(state.connections):
        connection.shutdown()
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await eventually(lambda: not state.connections and not state.tasks)
    await cancelled(state.tasks)
