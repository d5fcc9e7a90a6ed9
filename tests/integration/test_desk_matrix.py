"""Tests every address of the desk as an agent of another team: none shows a citizen's texts, contacts, files or names.

The routes come from the app itself. One citizen leaves traces everywhere with the team ``atencion``, each with the word
MARK; then an agent of ``transito`` requests every address with the ids of these traces. An address that shows MARK to
the administrator who attends the citizen must be in SHOWS, so that a new address is classified or fails the test.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import func, insert, select, update

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.change import AnswerToApprove, Change
from bot.core.messages import Attachment, Channel, CitizenMessage, Handoff, HandoffReason, MediaKind, Reply, Speaker
from bot.desk.auth.guard import CSRF_FIELD
from bot.figures.facts.filling import Filling
from bot.handoff.complaints.photos import folder_of
from bot.record import tables
from bot.record.engine import Sessions
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_routes import routes
from tests.integration.planted import PDF, plant
from tests.privacy_world import MARK, NAME, Places, all_keys, everything, forget_trackers, places
from tests.recording import recording, until_recorded

ADDRESSES = Addresses("s" * 40)
SEARCH = "/desk/api/search"  # a POST, so that its words are in no address
# The addresses at which somebody may read what a citizen said, sent or is called. All others never show it.
SHOWS = {
    "/desk/api/tickets",
    "/desk/api/tickets/{ticket_id}",
    "/desk/api/tickets/{ticket_id}/card",
    "/desk/api/conversations/{conversation}",
    SEARCH,
    "/desk/api/proposals",
    "/desk/api/team",
    "/desk/adjuntos/{conversation}/{encrypted}",
    "/desk/archivos/{conversation}/{file_id}/{ends}/{sign}",
    "/desk/llamadas",
    "/desk/llamadas/{callback}/conversacion",
    "/desk/reclamos",
    "/desk/reclamos.csv",
    "/desk/reclamos/{complaint}/fotos/{photo}",
    "/desk/opiniones",
    "/desk/mensajes",
    "/desk/faltantes",
    "/desk/cifras/muestra",
    "/desk/cifras/{figure}/{conversation}/{start}",
}
# Valid for every handler of the API, and for most forms.
BODY = {"reply_id": "r-000001", "text": "hola", "event_id": "1-0", "presence": "busy", "note_id": "n-000002"}
BODY |= {"team": "transito", "minutes": 5, "outcome": "solved", "html": "<p>hola</p>"}
FORM = {"si": "1", "estado": "resolved", "resultado": "reached", "nota": "x", "respuesta": "x", "razon": "insultos"}
# Addresses that end or change the reader's own session.
OWN = re.compile(r"/desk/(login|clave|confirmar|salir|oidc|cuenta).*")


@dataclass
class Traces:
    """The desk, the ids of the citizen's traces keyed by the routes' parameters, and the two readers."""

    desk: DeskWorld
    database_url: str
    ids: dict[str, str]
    attends: httpx.AsyncClient
    stranger: httpx.AsyncClient

    def address(self, path: str) -> str:
        """Returns a route's address with the ids of the traces. Raises KeyError for an unknown parameter."""
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: self.ids[found[1]], path)

    async def read(self, client: httpx.AsyncClient, path: str) -> bytes:
        """Returns all that a GET route shows, headers included, except the request's own content."""
        query: dict[str, str] = {}
        if path in {"/desk/mensajes", "/desk/bloqueos", "/desk/datos"}:
            query = {"numero": self.ids["number"], "solicitud": self.ids["receipt"]}
        if path == SEARCH:
            answer = await client.post(path, json={"words": MARK, "since": "2020-01-01"})
        else:
            answer = await client.get(self.address(path), params=query, follow_redirects=False)
        assert answer.status_code < 500, (path, answer.text)
        return answer.content + str(answer.headers.raw).encode()

    async def post(self, path: str) -> bytes:
        """Returns the response to the stranger's POST, which contains every field that the form may require."""
        token = self.stranger.headers["X-CSRF-Token"]
        sent = {"json": BODY} if "/api/" in path else {"data": FORM | {CSRF_FIELD: token, "numero": self.ids["number"]}}
        answer = await self.stranger.post(self.address(path), **sent)
        assert answer.status_code < 500, (path, answer.text)
        return answer.content + str(answer.headers.raw).encode()

    async def state(self) -> str:
        """Returns all stored lines that name the citizen, except the keys of signals and leases."""
        own = [line for line in (await all_keys(self.desk.redis)).splitlines() if NAME in line]
        kept = [line for line in own if not line.startswith(("v:signals", "v:lease"))]
        rows = await everything(self.database_url)
        return "\n".join(sorted([*kept, *(line for line in rows.splitlines() if NAME in line)]))


async def fetched(encrypted: str, _seconds: int) -> bytes:
    return f"{encrypted} {MARK}".encode()


async def attended(desk: DeskWorld, owner: httpx.AsyncClient) -> str:
    """Makes the citizen send a file, wait again and be claimed by ``owner``; returns the ticket."""
    photo = Attachment(MediaKind.PHOTO, ADDRESSES.encrypt(f"telegram:{MARK}"), name=f"{MARK}.jpg")
    message = CitizenMessage(NAME, Channel.WEB, "m-open", f"el {MARK} no anda", 0, attachments=(photo,))
    await desk.inbox.accept(message)
    await desk.answer(message, handoff=Handoff(HandoffReason.ASKED_HUMAN, team="atencion"), nombre=MARK)
    ticket = (await desk.inbox.state(NAME)).ticket
    assert ticket
    assert (await owner.post(f"/desk/api/tickets/{ticket}/claim")).status_code == 200
    note = {"note_id": "n-000001", "text": f"ojo {MARK}"}
    assert (await owner.post(f"/desk/api/tickets/{ticket}/notes", json=note)).status_code == 200
    return ticket


async def waits_for_approval(desk: DeskWorld) -> None:
    """Creates an answer to another citizen of the team that waits for approval."""
    message = await desk.say("d" * 32, f"la licencia, {MARK}?")
    kept = AnswerToApprove("p-0001", (Reply(f"Hola {MARK}"),), f"la licencia, {MARK}?", 60_000, "atencion")
    commit = {"speaker": Speaker.ASSISTANT, "change": Change(to_approve=kept)}
    assert await desk.inbox.commit([message], (), **commit) == "ok"


async def episode_of(desk: DeskWorld) -> str:
    """Fills the table of episodes; returns the start of the citizen's first episode, in ms since 1970."""
    await Filling(desk.sessions, desk.agency.timezone, lambda _: "").fill(datetime.now(UTC))
    async with desk.sessions() as session:
        started = await session.scalar(
            select(func.min(tables.Episode.started_at)).where(tables.Episode.conversation_id == NAME)
        )
    return str(round(started.timestamp() * 1000))


async def ids_of(desk: DeskWorld, world: Places, ticket: str) -> dict[str, str]:
    kept = await world.data._files.keep(NAME, f"{MARK}.pdf", PDF)
    async with desk.sessions.begin() as session:
        complaint = await session.scalar(select(tables.Complaint.id))
        copied = await world.data._complaint_files.keep(folder_of(complaint), f"{MARK}.pdf", PDF)
        row = {"complaint_id": complaint, "ref": "x", "name": copied.name, "file_id": copied.id}
        photo = await session.scalar(insert(tables.ComplaintPhoto).values(**row).returning(tables.ComplaintPhoto.id))
        await session.execute(update(tables.AnswerRating).values(reason=""))  # a key of a list, no words
        number = await session.scalar(select(tables.Ticket.id).where(tables.Ticket.conversation_id == NAME))
    (attached,) = filter(None, [event.message.attachments for event in await desk.inbox.events(NAME)])
    link = ""
    return {
        "ticket_id": ticket,
        "conversation": NAME,
        "encrypted": attached[0].ref,
        "file_id": kept.id,
        "ends": link,
        "sign": link,
        "callback": "1",
        "complaint": str(complaint),
        "photo": str(photo),
        "approval": "p-0001",
        "number": str(number),
        "notice": "1",
        "figure": "conversaciones",
        "start": await episode_of(desk),
        "id": "bache",
        "token": "x",
        "receipt": "D-4F7K92QX",
        "decision": "1",
        "staff_id": "00000000-0000-0000-0000-000000000007",
        "event_id": (await desk.inbox.events(NAME))[0].id,
        "unknown": "nada",
    }


@pytest_asyncio.fixture
async def traces(
    redis: Redis, database: Sessions, database_url: str, agency: Agency, tmp_path: Path
) -> AsyncIterator[Traces]:
    async with desk_world(redis, database, agency, fetch=fetched, home=tmp_path) as desk:
        world = places(redis, database, database_url, tmp_path)
        await plant(world)
        await redis.delete(keys.delivery_key(NAME))  # the planted one is no delivery
        await desk.hire("ana@x.cl", "Ana", roles=("admin",))
        await desk.hire("otra@x.cl", "Otra", teams=("transito",))
        attends, stranger = await desk.sign_in("ana@x.cl"), await desk.sign_in("otra@x.cl")
        ticket = await attended(desk, attends)
        await waits_for_approval(desk)
        async with recording(redis, database):
            await until_recorded(redis)
        yield Traces(desk, database_url, await ids_of(desk, world, ticket), attends, stranger)
    await forget_trackers(database_url)


def gets(traces: Traces) -> list[str]:
    return sorted({path for method, path in routes(traces.desk.app.routes) if method == "GET" or path == SEARCH})


async def test_no_address_shows_an_agent_what_another_teams_citizen_said(traces: Traces) -> None:
    link = (await traces.attends.get(traces.address("/desk/archivos/{conversation}/{file_id}"))).headers["location"]
    traces.ids["ends"], traces.ids["sign"] = link.rsplit("/", 2)[1:]
    everywhere = [path for path in gets(traces) if not OWN.fullmatch(path)]
    shown = {path for path in everywhere if MARK.encode() in await traces.read(traces.attends, path)}
    leaked = {path for path in everywhere if MARK.encode() in await traces.read(traces.stranger, path)}
    assert (sorted(shown - SHOWS), sorted(SHOWS - shown)) == ([], [])
    assert leaked == set()


async def test_no_request_of_another_teams_agent_answers_or_changes_anything(traces: Traces) -> None:
    paths = sorted({path for method, path in routes(traces.desk.app.routes) if method == "POST" and "{" in path})
    before = await traces.state()
    answers = {path: await traces.post(path) for path in paths if not OWN.fullmatch(path)}
    assert {path for path, answer in answers.items() if MARK.encode() in answer} == set()
    assert len(answers) > 20
    assert await traces.state() == before
