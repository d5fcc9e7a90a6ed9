"""Tests that a citizen's texts for one team stay with that team, at every address of the desk that shows texts.

The citizen talks first to ``social``, then to the assistant, then to ``transito``. Each reader requests each address.
In ``called``, ``social`` owes a call meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select, text

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change, Note
from bot.core.event_facts import CallbackFacts
from bot.core.events import EventKind
from bot.core.messages import (
    Attachment,
    Author,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Reply,
    Speaker,
)
from bot.desk.views.extras import ATTACHMENTS
from bot.record.engine import Sessions
from bot.record.tables import Staff
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_frames import listening
from tests.recording import recording, until_recorded

CONVERSATION = "una-persona"
SOCIAL, ALONE, TRANSITO = "xilofonosocial", "xilofonoasola", "xilofonotransito"
WORDS = {SOCIAL, ALONE, TRANSITO}
ADDRESSES = Addresses("s" * 40)
READERS = {
    "social": ("agent", ("social",)),
    "transito": ("agent", ("transito",)),
    "aseo": ("agent", ("aseo",)),
    "todos": ("agent", ()),
    "jefa": ("supervisor", ("aseo",)),
}
# What each reader may read of the conversation. What was told to the assistant belongs to the ticket that follows.
MAY_READ = {
    "social": {SOCIAL},
    "transito": {ALONE, TRANSITO},
    "aseo": set(),
    "todos": WORDS,
    "jefa": WORDS,
}


async def fetched(encrypted: str, _seconds: int) -> bytes:
    return b"\xff\xd8\xff\xe0 " + encrypted.encode()


class World:
    """The desk, with a conversation whose tickets of ``social`` (closed) and ``transito`` are in the record."""

    def __init__(self, desk: DeskWorld) -> None:
        self.desk = desk
        self.first = self.second = ""
        self.photo = ADDRESSES.encrypt("telegram:photo")

    async def tell(self) -> None:
        self.first = await self._handed_off(f"mi marido me amenaza {SOCIAL}", "social", photo=self.photo)
        owner = await self.desk.sign_in("social@x.cl")
        await owner.post(f"/desk/api/tickets/{self.first}/claim")
        await owner.post(f"/desk/api/tickets/{self.first}/notes", json={"note_id": "n-000001", "text": f"ojo {SOCIAL}"})
        closing = {"outcome": "solved", "summary": f"violencia {SOCIAL}", "topic": f"tema {SOCIAL}"}
        assert (await owner.post(f"/desk/api/tickets/{self.first}/close", json=closing)).status_code == 200
        alone = await self.desk.say(CONVERSATION, f"¿y la licencia? {ALONE}", Channel.TELEGRAM)
        await self.desk.answer(alone, Reply("Pide hora."))
        self.second = await self._handed_off(f"no entiendo {TRANSITO}", "transito")
        await self.record()

    async def tell_before_a_call(self) -> None:
        """Tells ``social`` and asks for its call, then tells ``transito``, whose ticket is attended and closed."""
        self.first = await self._handed_off(f"mi marido me amenaza {SOCIAL}", "social", photo=self.photo)
        due = 2_000_000_000_000
        facts = CallbackFacts("1-204", self.first, "social", "mobile", f"+56 9 {SOCIAL}", "any", due, due)
        change = Change(call_back_at=due, note=Note(EventKind.CALLBACK_REQUESTED, facts, ADDRESSES.encrypt("+56911")))
        asked = await self.desk.say(CONVERSATION, f"llámenme {SOCIAL}", Channel.TELEGRAM)
        replies = (Reply(f"Te llamaremos por {SOCIAL}."),)
        assert await self.desk.inbox.commit([asked], replies, speaker=Speaker.WAITING, change=change) == "ok"
        alone = await self.desk.say(CONVERSATION, f"¿y una multa? {ALONE}", Channel.TELEGRAM)
        await self.desk.answer(alone, Reply("Se paga en Tesorería."))
        self.second = await self._handed_off(f"no entiendo {TRANSITO}", "transito")
        owner = await self.desk.sign_in("social@x.cl")
        await owner.post(f"/desk/api/tickets/{self.first}/claim")
        await owner.post(f"/desk/api/tickets/{self.first}/notes", json={"note_id": "n-000001", "text": f"ojo {SOCIAL}"})
        await self.record()

    async def close(self, ticket: str, by: str) -> None:
        owner = await self.desk.sign_in(f"{by}@x.cl")
        await owner.post(f"/desk/api/tickets/{ticket}/claim")
        await owner.post(f"/desk/api/tickets/{ticket}/replies", json={"reply_id": f"r-{ticket:0>10}", "text": "Listo."})
        assert (await owner.post(f"/desk/api/tickets/{ticket}/close", json={})).status_code == 200
        await self.record()

    async def record(self) -> None:
        async with recording(self.desk.redis, self.desk.sessions):
            await until_recorded(self.desk.redis)

    async def _handed_off(self, words: str, team: str, photo: str = "") -> str:
        files = (Attachment(MediaKind.PHOTO, photo),) if photo else ()
        message = CitizenMessage(CONVERSATION, Channel.TELEGRAM, f"m-{team}", words, 0, attachments=files)
        await self.desk.inbox.accept(message)
        await self.desk.answer(message, handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))
        ticket = (await self.desk.inbox.state(CONVERSATION)).ticket
        assert ticket
        return ticket


@pytest_asyncio.fixture
async def untold(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[World]:
    async with desk_world(redis, database, agency, fetch=fetched) as desk:
        for name, (role, teams) in READERS.items():
            await desk.hire(f"{name}@x.cl", name, roles=(role,), teams=teams)
        yield World(desk)


@pytest_asyncio.fixture
async def world(untold: World) -> World:
    await untold.tell()
    return untold


@pytest_asyncio.fixture
async def called(untold: World) -> World:
    await untold.tell_before_a_call()
    return untold


def words_in(answer: httpx.Response) -> set[str]:
    return {word for word in WORDS if word in answer.text}


async def shown_to(client: httpx.AsyncClient, world: World) -> dict[str, set[str]]:
    """Returns the words that each address shows, as a set; a refused address has an empty set."""
    second = f"/desk/api/tickets/{world.second}"
    addresses = {
        "list": "/desk/api/tickets",
        "first": f"/desk/api/tickets/{world.first}",
        "transcript": second,
        "card": f"{second}/card",
        "topics": f"{second}/topics",
        "suggested": f"{second}/suggested",
        "past": f"/desk/api/conversations/{CONVERSATION}",
        "proposals": "/desk/api/proposals",
        "calls": "/desk/llamadas",
        "call": "/desk/llamadas/1/conversacion",
        "opinions": "/desk/opiniones",
    }
    found = {name: words_in(await client.get(path)) for name, path in addresses.items()}
    asked = [{"since": "2020-01-01"}, *({"words": word} for word in sorted(WORDS))]
    closed, *searches = [await client.post("/desk/api/search", json=one) for one in asked]
    found["closed today"] = words_in(closed)
    return found | {"search": set().union(*(words_in(answer) for answer in searches))}


@pytest.mark.parametrize("reader", list(READERS))
async def test_no_address_shows_messages_to_another_team(world: World, reader: str) -> None:
    client, allowed = await world.desk.sign_in(f"{reader}@x.cl"), MAY_READ[reader]
    shown = await shown_to(client, world)
    assert {name: words - allowed for name, words in shown.items() if words - allowed} == {}
    # The rule hides no more than it must:
    assert (shown["search"], shown["past"]) == (allowed, allowed)
    assert shown["transcript"] == (allowed if TRANSITO in allowed else set())
    assert shown["list"] == ({TRANSITO} if TRANSITO in allowed else set())


@pytest.mark.parametrize("reader", list(READERS))
async def test_call_that_is_owed_opens_no_teams_messages_to_another(called: World, reader: str) -> None:
    client, allowed = await called.desk.sign_in(f"{reader}@x.cl"), MAY_READ[reader]
    seen = await shown_to(client, called)  # the call is attended, and so is the matter of transito
    await called.close(called.second, "transito")
    later = await shown_to(client, called)
    await called.close(called.first, "social")
    last = await shown_to(client, called)
    assert [words - allowed for shown in (seen, later, last) for words in shown.values() if words - allowed] == []
    # The rule hides no more than it must:
    assert [(shown["search"], shown["past"]) for shown in (seen, later, last)] == [(allowed, allowed)] * 3
    assert seen["first"] == (allowed if SOCIAL in allowed else set())
    assert seen["transcript"] == (allowed if TRANSITO in allowed else set())


@pytest.mark.parametrize("reader", list(READERS))
async def test_live_messages_and_notes_go_to_the_ticket_that_they_are_of(called: World, reader: str) -> None:
    client, allowed = await called.desk.sign_in(f"{reader}@x.cl"), MAY_READ[reader]
    owner = await called.desk.sign_in("social@x.cl")
    async with listening(client) as frames:
        await called.desk.say(CONVERSATION, f"sigo aquí {TRANSITO}", Channel.TELEGRAM)
        note = {"note_id": "n-000002", "text": f"no contesta {SOCIAL}"}
        await owner.post(f"/desk/api/tickets/{called.first}/notes", json=note)
        await called.close(called.second, "transito")
        await called.desk.say(CONVERSATION, f"otra cosa {ALONE}", Channel.TELEGRAM)  # to the assistant
        told: list[tuple[str, Any]] = []
        team = (READERS[reader][1] or ("aseo",))[0]
        last = await called.desk.wait_for_person("último", handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))
        while not (told and told[-1][0] == "ticket" and told[-1][1]["id"] == last.id):
            told.append(await frames.next())
    assert {word for word in WORDS if word in json.dumps(told)} == allowed - {ALONE}


@pytest.mark.parametrize("reader", list(READERS))
async def test_reply_in_a_call_that_is_owed_is_of_its_ticket(called: World, reader: str) -> None:
    client, owner = await called.desk.sign_in(f"{reader}@x.cl"), await called.desk.sign_in("social@x.cl")
    first, sees = f"/desk/api/tickets/{called.first}", SOCIAL in MAY_READ[reader]
    said = f"te llamé {SOCIAL} y no contestaste"
    async with listening(client) as frames:
        body = {"reply_id": "r-0000001", "text": said}
        assert (await owner.post(f"{first}/replies", json=body)).status_code == 200
        team = (READERS[reader][1] or ("aseo",))[0]
        last = await called.desk.wait_for_person("último", handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))
        told = [await frames.next()]
        while not (told[-1][0] == "ticket" and told[-1][1]["id"] == last.id):
            told.append(await frames.next())
    live = [data["ticket"] for name, data in told if name == "message" and data["event"]["text"] == said]
    assert live == ([called.first] if sees else [])
    assert (said in (await client.get(first)).text) == sees
    rows = await client.get("/desk/api/tickets")
    own = [row for one in rows.json().values() if isinstance(one, list) for row in one if row["id"] == called.first]
    assert [(row["unanswered"], row["last"]["text"]) for row in own] == ([(0, said)] if sees else [])
    assert rows.text.count(said) == len(own)  # the other team's row does not show it
    await called.record()
    await called.close(called.second, "transito")
    await called.close(called.first, "social")
    assert (said in (await client.get(f"/desk/api/conversations/{CONVERSATION}")).text) == sees
    found = (await client.post("/desk/api/search", json={"words": "contestaste"})).text
    assert ("te llamé" in found) == sees
    assert words_in(await client.get(f"/desk/api/conversations/{CONVERSATION}")) == MAY_READ[reader]


@pytest.mark.parametrize("reader", list(READERS))
async def test_attachment_opens_only_where_its_message_may_be_read(world: World, reader: str) -> None:
    client = await world.desk.sign_in(f"{reader}@x.cl")
    answer = await client.get(f"{ATTACHMENTS}/{CONVERSATION}/{world.photo}")
    assert answer.status_code == (200 if SOCIAL in MAY_READ[reader] else 404)


@pytest.mark.parametrize("reader", list(READERS))
async def test_only_the_closed_ticket_of_ones_own_team_can_be_reopened(world: World, reader: str) -> None:
    await world.close(world.second, "transito")
    client = await world.desk.sign_in(f"{reader}@x.cl")
    answer = await client.post(f"/desk/api/conversations/{CONVERSATION}/reopen")
    assert answer.status_code == (200 if MAY_READ[reader] else 409)
    if answer.status_code == 200:
        opened = await world.desk.tickets.get(answer.json()["ticket"])
        assert opened and opened.team == ("social" if reader == "social" else "transito")


@pytest.mark.parametrize("reader", list(READERS))
async def test_signals_and_live_messages_reach_only_who_sees_the_ticket(world: World, reader: str) -> None:
    client = await world.desk.sign_in(f"{reader}@x.cl")
    async with listening(client) as frames:
        await world.desk.signals.typing(CONVERSATION, Author.CITIZEN)
        await world.desk.signals.read(CONVERSATION, Author.CITIZEN, "5-0")
        await world.desk.say(CONVERSATION, f"sigo aquí {TRANSITO}", Channel.TELEGRAM)
        own = await world.desk.wait_for_person("fin", handoff=Handoff(HandoffReason.ASKED_HUMAN, team="aseo"))
        await world.desk.redis.hset(f"v:ticket:{own.id}", "team", "aseo")
        told: list[tuple[str, Any]] = []
        for team in READERS[reader][1] or ("aseo",):  # a last event that this reader sees
            last = await world.desk.wait_for_person("último", handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))
        while not (told and told[-1][0] == "ticket" and told[-1][1]["id"] == last.id):
            told.append(await frames.next())
    names = {name for name, data in told if name in {"typing", "read"}}
    sees = TRANSITO in MAY_READ[reader]
    assert names == ({"typing", "read"} if sees else set())
    assert (TRANSITO in json.dumps(told)) == sees


async def test_note_that_named_an_agent_leaves_with_their_team(world: World) -> None:
    jefa, transito = await world.desk.sign_in("jefa@x.cl"), await world.desk.sign_in("transito@x.cl")
    async with world.desk.sessions() as session:
        named = await session.scalar(select(Staff.id).where(Staff.email == "transito@x.cl"))
    note = {"note_id": "n-000003", "text": f"ojo {TRANSITO}", "named": [str(named)]}
    assert (await jefa.post(f"/desk/api/tickets/{world.second}/notes", json=note)).status_code == 200

    async def noticed() -> list[str]:
        async with listening(transito) as frames:
            while (told := await frames.next())[0] != "notices":
                pass
            return [one["text"] for one in told[1]]

    assert await noticed() == [f"ojo {TRANSITO}"]
    await world.desk.set_teams("transito@x.cl", "aseo")
    assert await noticed() == [""]


async def test_ticket_that_is_passed_on_takes_its_words_along(world: World) -> None:
    todos = await world.desk.sign_in("jefa@x.cl")
    await todos.post(f"/desk/api/tickets/{world.second}/move", json={"team": "aseo"})
    await world.record()
    aseo, transito = await world.desk.sign_in("aseo@x.cl"), await world.desk.sign_in("transito@x.cl")
    assert words_in(await aseo.get(f"/desk/api/tickets/{world.second}")) == {ALONE, TRANSITO}
    assert words_in(await transito.get(f"/desk/api/conversations/{CONVERSATION}")) == set()


async def test_record_that_lags_hides_the_earlier_ticket_of_the_list(world: World) -> None:
    async with world.desk.sessions.begin() as session:
        await session.execute(text("DELETE FROM tickets"))
    transito = await world.desk.sign_in("transito@x.cl")
    row = (await transito.get("/desk/api/tickets")).json()["waiting"][0]
    assert (SOCIAL in json.dumps(row), row["matter"]) == (False, f"no entiendo {TRANSITO}")
