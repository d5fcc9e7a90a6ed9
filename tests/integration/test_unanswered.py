"""Tests closing a ticket while the citizen writes: the agent is warned, and the assistant answers if they insist."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.core.messages import Author, Channel, Handoff, HandoffReason, Speaker
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.tables import Closing
from bot.store import keys
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.transitions import Transitions
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import eventually
from tests.integration.working import start_worker_process, until_idle, working
from tests.recording import recording, until_recorded

QUESTION, ANOTHER = "¿Y cómo obtengo el pasaporte?", "¿Y cuánto cuesta?"
CLOSED = {"closed": True}


@dataclass
class Attended:
    """A conversation that Ana attends, as her browser and the citizen see it."""

    world: DeskWorld
    client: httpx.AsyncClient
    ticket: Ticket

    async def write(self, *texts: str) -> str:
        """Sends each text as the citizen, and lets a worker process it; returns the id of the last message."""
        last = ""
        for text in texts:
            last = (await self.world.say(self.ticket.conversation, text, self.ticket.channel)).id
        return last

    async def post(self, what: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/desk/api/tickets/{self.ticket.id}/{what}", json=body)

    async def read(self) -> None:
        """Reports that Ana's page shows all messages."""
        newest = (await self.world.inbox.events(self.ticket.conversation))[-1].id
        assert (await self.post("read", event_id=newest)).status_code == 204

    async def refused(self, over: str = "") -> dict[str, Any]:
        answer = await self.post("close", closing_over=over)
        assert answer.status_code == 409, answer.text
        detail: dict[str, Any] = answer.json()["detail"]
        return detail

    async def closes(self, over: str = "") -> None:
        assert (await self.post("close", closing_over=over)).json() == CLOSED

    async def told(self) -> list[str]:
        """Returns "cerró", for the notice of the last closing, followed by the texts of all later messages."""
        said = [one.text for one in await self.world.inbox.events(self.ticket.conversation) if one.kind == "message"]
        closing = max(number for number, text in enumerate(said) if "cerró la atención" in text)
        return ["cerró", *said[closing + 1 :]]

    async def kept(self) -> int:
        return int(await self.world.redis.llen(keys.unanswered_key(self.ticket.conversation)))


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto")
        await made.hire("beto@x.cl", "Beto Díaz")
        yield made


async def attended(world: DeskWorld, channel: Channel = Channel.WEB) -> Attended:
    ticket, client = await world.wait_for_person("persona", channel=channel), await world.sign_in("ana@x.cl")
    ana = Attended(world, client, ticket)
    await world.redis.hset(keys.conversation_key(ticket.conversation), "welcomed", 1)
    assert (await ana.post("claim")).status_code == 200
    await ana.post("replies", reply_id="reply-0001", text="hola, soy Ana")
    return ana


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> Attended:
    return await attended(world)


@pytest.mark.parametrize("read", [True, False])
async def test_closing_over_a_question_is_refused_then_the_assistant_answers_it(
    world: DeskWorld, ana: Attended, read: bool
) -> None:
    async with working(world.redis, debounce_ms=0):
        newest = await ana.write(QUESTION)
        await until_idle(world.redis)
        if read:
            await ana.read()
        refused = await ana.refused()
        assert (refused["error"], refused["newest"]) == ("citizen_writes", newest)
        assert refused["message"].startswith("Escribió hace ")
        assert refused["message"].endswith(f" s: «{QUESTION}»")
        assert (await world.inbox.state(ana.ticket.conversation)).speaker is Speaker.STAFF
        await ana.closes(over=newest)
        await until_idle(world.redis)
    assert await ana.told() == ["cerró", f"re: {QUESTION}"]
    assert await ana.kept() == 0


async def test_thanks_are_neither_shown_nor_answered(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        await ana.write("Ok, muchas gracias!!", "chao 🙏")
        await until_idle(world.redis)
        await ana.closes()
        await until_idle(world.redis)
    assert await ana.told() == ["cerró"]
    assert await ana.kept() == 0


async def test_words_that_turn_notices_off_are_left_to_the_agent_too(world: DeskWorld) -> None:
    ana = await attended(world, Channel.TELEGRAM)
    async with working(world.redis, debounce_ms=0):
        await ana.write("dar de baja")
        await until_idle(world.redis)
        assert not (await world.inbox.state(ana.ticket.conversation)).notices_off
        await ana.write("stop")
        await until_idle(world.redis)
    assert (await world.inbox.state(ana.ticket.conversation)).notices_off
    assert await ana.kept() == 2


async def test_newer_message_than_the_confirmed_one_is_refused_again(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        first = await ana.write(QUESTION)
        assert (await ana.refused())["newest"] == first
        second = await ana.write(ANOTHER)
        refused = await ana.refused(over=first)
        assert f"«{QUESTION}\n{ANOTHER}»" in refused["message"]
        await ana.closes(over=second)
        await until_idle(world.redis)
    assert await ana.told() == ["cerró", f"re: {QUESTION}", f"re: {ANOTHER}"]


async def test_message_that_arrives_while_closing_is_refused_again(world: DeskWorld, ana: Attended) -> None:
    look, looks = world.inbox.unanswered, itertools.count(1)

    async def with_one_more(conversation: str) -> Any:
        found = await look(conversation)
        if next(looks) == 2:  # the last look before it is closed
            await ana.write(ANOTHER)
        return found

    with pytest.MonkeyPatch.context() as late:
        late.setattr(world.inbox, "unanswered", with_one_more)
        assert ANOTHER in (await ana.refused())["message"]


async def test_reply_answers_earlier_messages(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        await ana.write(QUESTION)
        await until_idle(world.redis)
        assert await ana.kept() == 1
        await ana.write(ANOTHER)
        await ana.post("replies", reply_id="reply-0002", text="en el Registro Civil, y es gratis")
        await until_idle(world.redis)
        assert await ana.kept() == 0
        await ana.closes()
        await until_idle(world.redis)
    assert await ana.told() == ["cerró"]


async def test_message_still_in_the_inbox_counts_too(world: DeskWorld, ana: Attended) -> None:
    newest = await ana.write(QUESTION)
    await ana.read()
    assert (await ana.refused())["newest"] == newest
    await ana.closes(over=newest)
    async with working(world.redis, debounce_ms=0):
        await until_idle(world.redis)
    assert await ana.told() == ["cerró", f"re: {QUESTION}"]


async def test_killed_workers_lose_and_double_nothing_handed_back(world: DeskWorld, redis_url: str) -> None:
    everybody = [await attended(world) for _ in range(6)]
    first = start_worker_process(redis_url)
    second = None
    try:
        newest = await asyncio.gather(*(ana.write(QUESTION) for ana in everybody))
        await asyncio.gather(*(ana.read() for ana in everybody[::2]))
        await eventually(lambda: some_are_kept(everybody))
        first.kill()
        await asyncio.gather(*(ana.closes(over=one) for ana, one in zip(everybody, newest, strict=True)))
        second = start_worker_process(redis_url)
        await until_idle(world.redis)
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            process.wait()
    assert [await ana.told() for ana in everybody] == [["cerró", f"re: {QUESTION}"]] * len(everybody)


async def some_are_kept(everybody: list[Attended]) -> bool:
    return any([await ana.kept() for ana in everybody])


async def test_unanswered_messages_survive_the_loss_of_redis(
    world: DeskWorld, ana: Attended, database: Sessions
) -> None:
    async with recording(world.redis, database), working(world.redis, debounce_ms=0):
        await ana.write(QUESTION)
        await until_idle(world.redis)
        await ana.post("notes", note_id="note-0001", text="ojo")
        await until_recorded(world.redis)
    await world.redis.flushall()
    await Recovery(world.redis, database).run()
    async with working(world.redis, debounce_ms=0):
        await until_idle(world.redis)
    assert await ana.kept() == 1
    assert QUESTION in (await ana.refused())["message"]


async def test_next_agent_is_shown_what_the_last_one_left(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        await ana.write(QUESTION)
        await until_idle(world.redis)
        assert (await ana.post("release")).status_code == 200
        beto = Attended(world, await world.sign_in("beto@x.cl"), ana.ticket)
        await beto.post("claim")
        newest = (await beto.refused())["newest"]
        await beto.closes(over=newest)
        await until_idle(world.redis)
    assert await beto.told() == ["cerró", f"re: {QUESTION}"]


async def test_returning_to_the_assistant_leaves_nothing_unanswered(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        await ana.write(QUESTION)
        await until_idle(world.redis)
        await ana.post("release")
        await ana.write("volver")
        await until_idle(world.redis)
    assert (await world.inbox.state(ana.ticket.conversation)).speaker is Speaker.ASSISTANT
    assert await ana.kept() == 0


async def test_refused_close_stores_nothing(world: DeskWorld, ana: Attended) -> None:
    await ana.write(QUESTION)
    await ana.refused()
    async with world.sessions() as session:
        assert await session.get(Closing, ana.ticket.id) is None


async def test_survey_is_not_sent_when_messages_are_handed_back(world: DeskWorld) -> None:
    ana = await attended(world, Channel.TELEGRAM)
    async with working(world.redis, debounce_ms=0):
        newest = await ana.write("¿son 2?")
        await ana.closes(over=newest)
        await until_idle(world.redis)
    assert await ana.told() == ["cerró", "re: ¿son 2?"]


async def test_message_during_a_call_belongs_to_the_assistant(world: DeskWorld, ana: Attended) -> None:
    me = (await world.tickets.get(ana.ticket.id)).owner or StaffRef("", "")  # type: ignore[union-attr]
    transitions = Transitions(world.redis)
    await transitions.schedule_callback(ana.ticket.id, me, 1)
    await transitions.enqueue_due_callback(ana.ticket.id)
    await ana.post("claim")
    await ana.write(QUESTION)
    await ana.closes()
    async with working(world.redis, debounce_ms=0):
        await until_idle(world.redis)
    feed = await world.inbox.events(ana.ticket.conversation)
    assert [one.text for one in feed if one.author is Author.ASSISTANT] == [f"re: {QUESTION}"]


async def test_reply_in_a_call_back_leaves_the_questions_to_the_other_agent_open(
    world: DeskWorld, ana: Attended
) -> None:
    conversation, transitions = ana.ticket.conversation, Transitions(world.redis)
    called = await world.tickets.get(ana.ticket.id)
    assert called and called.owner
    await transitions.schedule_callback(called.id, called.owner, 1)
    again = await world.say(conversation, "quiero hablar con una persona")
    await world.answer(again, handoff=Handoff(HandoffReason.ASKED_HUMAN, team="atencion"))
    (current,) = await world.tickets.waiting()
    beto = Attended(world, await world.sign_in("beto@x.cl"), current)
    await beto.post("claim")
    await transitions.enqueue_due_callback(called.id)
    await ana.post("claim")
    async with working(world.redis, debounce_ms=0):
        newest = await beto.write(QUESTION)
        await until_idle(world.redis)
    assert (await ana.post("replies", reply_id="reply-0002", text="Te llamé y no contestaste")).status_code == 200
    assert await beto.kept() == 1
    assert (await beto.refused())["newest"] == newest


async def test_emergency_closed_over_goes_to_a_person(world: DeskWorld, ana: Attended) -> None:
    async with working(world.redis, debounce_ms=0):
        newest = await ana.write("hay un incendio en mi casa")
        await until_idle(world.redis)
        await ana.closes(over=newest)
        await until_idle(world.redis)
    assert (await world.inbox.state(ana.ticket.conversation)).speaker is Speaker.WAITING
