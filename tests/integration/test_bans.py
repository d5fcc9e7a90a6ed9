"""Tests blocking abusive citizens: their notices, what stays open to them, who may block, and the block's end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select, update

import bot.core.roles
from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind
from bot.conversation.bans import Bans
from bot.conversation.change import Change
from bot.core.events import EventKind
from bot.core.messages import (
    Author,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.public_notices.notice import NoticeSet
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.record.tables.bans import SenderBan
from bot.store import keys
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.turns.outcome import Decision
from bot.turns.rights.dialogue import PERSON
from tests.blocked import CHANNELS, STAFF, WEEK, Blocked
from tests.desk_world import DeskWorld, desk_world
from tests.notices import public_notice
from tests.recording import recording, until_recorded

ANA, SOL = "ana@x.cl", "sol@x.cl"
CHIEF = "chief:\n  name: Jefatura\n  about: De un equipo.\n  may: [desk, answer, ban]\n"


@pytest_asyncio.fixture(params=CHANNELS)
async def chat(
    request: pytest.FixtureRequest, redis: Redis, database: Sessions, agency: Agency
) -> AsyncIterator[Blocked]:
    await redis.set(keys.RESTORED, "1")
    made = Blocked(redis, database, agency, request.param)
    await made.begin()
    yield made


async def test_blocked_citizen_is_notified_once_with_reason_term_and_other_ways(chat: Blocked) -> None:
    await chat.ban()
    for text in ("hola", "respondan", "quiero una persona"):
        decision = await chat.say(text)
        assert (decision.replies, decision.handoff) == ((), None)
    (told,) = await chat.notices()
    assert all(
        part in told for part in (chat.agency.phone, chat.agency.email, "ofenden o amenazan", "133", "mis datos")
    )
    assert await Tickets(chat.redis).waiting() == []


async def test_citizen_who_cannot_be_notified_now_is_notified_at_their_next_message(
    redis: Redis, database: Sessions, agency: Agency
) -> None:
    await redis.set(keys.RESTORED, "1")
    chat = Blocked(redis, database, agency, Channel.WHATSAPP)
    await chat.begin(closed_window=True)
    await chat.ban()
    assert await chat.notices() == []
    assert "no te atendemos" in (await chat.say("hola")).replies[0].text
    assert (await chat.say("hola")).replies == ()
    assert len(await chat.notices()) == 1


@pytest.mark.parametrize("text", ["mi marido me está pegando con un cuchillo", "hay olor raro seguro"])
async def test_blocked_citizen_in_danger_gets_the_numbers_and_a_person(chat: Blocked, text: str) -> None:
    await chat.ban()
    decision = await chat.say(text)
    assert decision.replies[0].danger is not None
    assert decision.replies[0].danger.sure
    assert "**13" in decision.replies[0].text
    (ticket,) = await Tickets(chat.redis).waiting()
    assert (ticket.priority, ticket.reason) == (Priority.EMERGENCY, HandoffReason.EMERGENCY)
    await Tickets(chat.redis).claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
    assert (await chat.say("gracias")).replies == ()  # for Ana, who reads it
    assert [one.text for one in await chat.inbox.unanswered("c1")] == ["gracias"]


@pytest.mark.parametrize("text", ["mi marido me está pegando con un cuchillo", "hay olor raro seguro"])
async def test_citizen_blocked_for_false_emergencies_gets_only_the_numbers(chat: Blocked, text: str) -> None:
    await chat.ban("false_alarms")
    for _ in range(2):
        decision = await chat.say(text)
        assert decision.replies[0].danger is not None
        assert "**13" in decision.replies[0].text
        assert decision.handoff is None
    assert await Tickets(chat.redis).waiting() == []


async def test_possible_danger_gets_the_line_whose_button_gives_the_numbers(chat: Blocked) -> None:
    await chat.ban()
    decision = await chat.say("siento un olor")
    assert decision.replies[0].danger == RecognizedDanger("gas", sure=False)
    message = CitizenMessage("c1", chat.channel, "b-1", "", at=0, button=decision.replies[0].buttons[0].id)
    pressed = await chat.turns.take(message, await chat.inbox.state("c1"))
    assert pressed.replies[0].danger == RecognizedDanger("gas", sure=True)
    assert pressed.handoff is not None
    assert pressed.handoff.priority is Priority.EMERGENCY


@pytest.mark.parametrize("asks", ["derechos arco", "quiero ver lo que guardan de mí"])
async def test_rights_stay_open_and_a_request_gets_a_receipt_without_a_ticket(chat: Blocked, asks: str) -> None:
    await chat.ban()
    menu = await chat.say(asks)
    titles = {one.title: one.id for one in menu.replies[0].buttons}
    assert {"Ver o bajar mis datos", "Borrar todo", "Otra solicitud"} <= titles.keys()
    state = await chat.inbox.state("c1")
    shown = await chat.turns.take(
        CitizenMessage("c1", chat.channel, "b-1", "", at=0, button=titles["Ver o bajar mis datos"]), state
    )
    assert "https://x.cl/mis-datos" in shown.replies[0].text
    more = await chat.turns.take(
        CitizenMessage("c1", chat.channel, "b-2", "", at=0, button=titles["Otra solicitud"]), state
    )
    assert more.replies[0].buttons
    asked = replace(state, buttons=more.change.buttons or ())
    block = next(one for one in asked.buttons if one.payload.endswith(RequestKind.BLOCKING))
    done = await chat.turns.take(CitizenMessage("c1", chat.channel, "b-3", "", at=0, button=block.id), asked)
    assert "P-4F7K92QX" in done.replies[0].text
    assert done.change.note is not None
    assert done.change.note.kind is EventKind.PRIVACY_REQUESTED
    assert done.handoff is None


async def test_blocked_citizen_who_asks_for_a_person_about_own_data_reads_the_other_ways(chat: Blocked) -> None:
    await chat.ban()
    menu = await chat.say("derechos arco")
    button = next(one.id for one in menu.replies[0].buttons if one.title == "Otra solicitud")
    message = CitizenMessage("c1", chat.channel, "b-1", "", at=0, button=button)
    more = await chat.turns.take(message, await chat.inbox.state("c1"))
    asked = replace(await chat.inbox.state("c1"), buttons=more.change.buttons or ())
    person = next(one.id for one in asked.buttons if one.payload == PERSON)
    done = await chat.turns.take(replace(message, id="b-2", button=person), asked)
    assert done.handoff is None
    (told,) = done.replies
    assert all(part in told.text for part in (chat.agency.phone, chat.agency.email))


async def test_blocked_citizen_gets_the_block_and_a_public_notice_once_each(
    redis: Redis, database: Sessions, agency: Agency
) -> None:
    await redis.set(keys.RESTORED, "1")
    chat = Blocked(redis, database, agency, Channel.WHATSAPP)
    await chat.begin(closed_window=True)
    await chat.ban()
    chat.board.show(NoticeSet.of([public_notice(text="Sin agua.")]))
    assert len((await chat.say("hola")).replies) == 2
    assert (await chat.say("hola")).replies == ()
    assert (len(await chat.notices()), len(await chat.inbox.events("c1"))) == (1, 6)


async def test_block_ends_an_open_ticket_and_a_person_who_reopens_it_talks_to_them(chat: Blocked) -> None:
    message = CitizenMessage("c1", chat.channel, "m-9", "persona", at=0)
    await chat.inbox.accept(message)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    await chat.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(welcomed=True), handoff=handoff)
    await chat.ban()
    assert await Tickets(chat.redis).waiting() == []
    kinds = [one.kind for one in await chat.inbox.events("c1", staff=True)]
    assert EventKind.TICKET_CANCELLED in kinds
    assert EventKind.BANNED in kinds
    await chat.redis.hset(keys.conversation_key("c1"), "speaker", "staff")
    assert await chat.turns.take(message, await chat.inbox.state("c1")) == Decision(change=Decision().change)


async def test_block_ends_by_itself_and_when_lifted(chat: Blocked) -> None:
    await chat.ban()
    ttl = await chat.redis.pttl(keys.ban_key("c1"))
    assert 0 < ttl <= WEEK.total_seconds() * 1000
    (row,) = await chat.book.running()
    assert await chat.book.lift(row.id, by=STAFF, name="Sol Vera")
    assert not await chat.book.lift(row.id, by=STAFF, name="Sol Vera")
    assert await chat.redis.exists(keys.ban_key("c1")) == 0
    assert "Ya puedes escribirnos" in (await chat.inbox.events("c1"))[-1].text
    async with chat.sessions() as session:
        rows = (await session.execute(select(Audit.action, Audit.detail).order_by(Audit.id))).all()
    assert [tuple(one) for one in rows] == [
        ("sender_banned", {"conversation": "c1", "reason": "insults", "days": 7}),
        ("sender_unbanned", {"conversation": "c1"}),
    ]


async def test_redis_gets_a_lost_block_again_and_loses_a_lifted_one(chat: Blocked) -> None:
    await chat.ban()
    await chat.redis.delete(keys.ban_key("c1"))  # as when a process was killed between the two stores
    await chat.book.keep()
    await chat.book.keep()
    assert await Bans(chat.redis).of("c1")
    assert len(await chat.notices()) == 1
    async with chat.sessions.begin() as session:
        await session.execute(update(SenderBan).values(lifted_at=datetime.now(UTC), lifted_by="Sol"))
    await chat.book.keep()
    assert await Bans(chat.redis).of("c1") is None


async def test_conversation_is_blocked_once_and_again_after_the_end(chat: Blocked) -> None:
    await chat.ban()
    assert not await chat.book.ban("c1", "spam", WEEK, by=STAFF, name="Sol")
    async with chat.sessions.begin() as session:
        await session.execute(update(SenderBan).values(until=datetime.now(UTC) - WEEK))
    await chat.redis.delete(keys.ban_key("c1"))
    assert await chat.book.ban("c1", "spam", WEEK, by=STAFF, name="Sol")
    assert [one.reason for one in await chat.book.over()] == ["insults"]


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(SOL, "Sol Vera", roles=("supervisor",))
        yield made


async def test_supervisor_blocks_from_the_desk_and_lifts_on_the_page(world: DeskWorld) -> None:
    ticket = await world.wait_for_person("groserías")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    sol, ana = await world.sign_in(SOL), await world.sign_in(ANA)
    assert 'id="ban"' in (await sol.get("/desk")).text
    assert 'id="ban"' not in (await ana.get("/desk")).text
    assert (await ana.get("/desk/bloqueos")).status_code == 403
    form = {"csrf": sol.headers["X-CSRF-Token"], "numero": ticket.id, "razon": "insults", "plazo": "7"}
    for wrong in ({"razon": "nada"}, {"plazo": "999"}):
        assert (await sol.post("/desk/bloqueos", data=form | wrong)).status_code == 422
    assert (await sol.post("/desk/bloqueos", data=form | {"numero": "999"})).status_code == 404
    assert "¿Bloquear a" in (await sol.post("/desk/bloqueos", data=form)).text
    assert (await sol.post("/desk/bloqueos", data=form | {"seguro": "1"})).status_code == 303
    assert (await sol.post("/desk/bloqueos", data=form | {"seguro": "1"})).status_code == 409
    page = await sol.get("/desk/bloqueos")
    assert "Insultos o amenazas" in page.text
    block = page.text.split('name="bloqueo" value="')[1].split('"')[0]
    lift = {"csrf": form["csrf"], "bloqueo": block}
    assert (await sol.post("/desk/bloqueos/levantar", data=lift)).status_code == 303
    for gone in (block, "no-es-un-id"):
        assert (await sol.post("/desk/bloqueos/levantar", data=lift | {"bloqueo": gone})).status_code == 409
    assert "Levantado por Sol Vera" in (await sol.get("/desk/bloqueos")).text
    events = await world.inbox.events(ticket.conversation)
    assert [one.author for one in events if "no te atendemos" in one.text] == [Author.SYSTEM]


async def test_staff_who_may_not_read_the_conversation_neither_see_nor_lift_the_block(
    world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "roles.yml"
    table.write_text(bot.core.roles.FILE.read_text(encoding="utf-8") + CHIEF, encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    await world.hire("leo@x.cl", "Leo Paz", roles=("chief",), teams=("obras",))
    await world.hire("eva@x.cl", "Eva Ríos", roles=("chief",), teams=("atencion",))
    ticket = await world.wait_for_person("groserías")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    sol, leo, eva = [await world.sign_in(one) for one in (SOL, "leo@x.cl", "eva@x.cl")]
    form = {"csrf": sol.headers["X-CSRF-Token"], "numero": ticket.id, "razon": "insults", "plazo": "7", "seguro": "1"}
    assert (await sol.post("/desk/bloqueos", data=form)).status_code == 303
    block = (await sol.get("/desk/bloqueos")).text.split('name="bloqueo" value="')[1].split('"')[0]
    assert 'name="bloqueo"' not in (await leo.get("/desk/bloqueos")).text
    lift = {"bloqueo": block}
    refused = await leo.post("/desk/bloqueos/levantar", data=lift | {"csrf": leo.headers["X-CSRF-Token"]})
    assert refused.status_code == 409
    assert block in (await eva.get("/desk/bloqueos")).text
    done = await eva.post("/desk/bloqueos/levantar", data=lift | {"csrf": eva.headers["X-CSRF-Token"]})
    assert done.status_code == 303
    assert "Eva Ríos" in (await eva.get("/desk/bloqueos")).text
    assert "Eva Ríos" not in (await leo.get("/desk/bloqueos")).text
