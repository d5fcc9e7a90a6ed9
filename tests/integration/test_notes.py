"""Tests that no citizen sees staff notes: not in an event log, socket, stream, download or outbox."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator

import httpx
import pytest
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.live import Live
from bot.core.events import EventKind
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.store import keys
from bot.tickets.outbox import Outbox
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Note, Transitions, Why
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S, eventually, eventually_blocking
from tests.no_record import mailbox_of

ANA = StaffRef("ana", "Ana Soto")
SECRET = "nota-interna-"
SENT_TO = "sealed"


async def a_conversation(redis: Redis, seed: int, channel: Channel = Channel.WEB) -> list[str]:
    """Writes messages and notes in a random order; returns the texts that staff should read."""
    dice, inbox, transitions, tickets = random.Random(seed), mailbox_of(redis), Transitions(redis), Tickets(redis)
    message = CitizenMessage("c1", channel, "m", "persona", at=0)
    await inbox.accept(message, address="" if channel is Channel.WEB else SENT_TO)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
    await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await tickets.waiting()
    said = []
    for number in range(40):
        step = dice.choice(("note", "reply", "citizen", "line"))
        text = f"{SECRET if step in {'note', 'line'} else 'dicho-'}{number}"
        note = Note(f"n{number}", text)
        if step == "note":
            await transitions.note(ticket.id, ANA, note)
        elif step == "line":
            await transitions.requeue(ticket.id, Actor(ANA, supervises=True), Why.RELEASED, Reply("vuelves"), note=note)
        elif step == "reply":
            await tickets.claim(ticket.id, ANA, Reply("te atiende Ana"))
            await tickets.reply(ticket.id, ANA, text, f"r{number}")
        else:
            await inbox.accept(CitizenMessage("c1", channel, f"m{number}", text, at=0))
        said.append(text)
    return said


@pytest.mark.parametrize("seed", range(5))
async def test_only_staff_readers_get_notes(redis: Redis, seed: int) -> None:
    live, inbox, heard = Live(redis), mailbox_of(redis), []
    await live.start()

    async def listen() -> None:
        async with live.subscribe("c1", signals=True) as events:
            async for event in events:
                heard.append(event)

    listening = asyncio.create_task(listen())
    await eventually(lambda: live.subscribers.get("c1"))
    said = await a_conversation(redis, seed)
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "last", "adiós", at=0))
    await eventually(lambda: any(event.text == "adiós" for event in heard))
    listening.cancel()
    await live.stop()
    shown = [event.text for event in await inbox.events("c1", staff=True) if "-" in event.text]
    assert shown == said
    citizens = [*heard, *await inbox.events("c1"), *(await inbox.latest(["c1"], 500))[0]]
    assert any(event.text.startswith("dicho-") for event in heard)
    assert [event for event in citizens if event.kind == EventKind.NOTE or SECRET in event.text] == []


@pytest.mark.parametrize("channel", [Channel.TELEGRAM, Channel.WHATSAPP])
async def test_notes_are_never_in_an_outbox(redis: Redis, channel: Channel) -> None:
    said = await a_conversation(redis, 7, channel)
    raw = await redis.lrange(keys.outbox_key("c1"), 0, -1)
    assert any(text.startswith(SECRET) for text in said)
    assert raw
    assert SECRET not in json.dumps(raw)
    assert await Outbox(redis).oldest("c1") is not None


async def test_page_full_of_notes_does_not_end_the_event_log(redis: Redis) -> None:
    await a_conversation(redis, 1)
    inbox, transitions, (ticket, *_) = mailbox_of(redis), Transitions(redis), await all_tickets(redis)
    for number in range(12):
        await transitions.note(ticket, ANA, Note(f"x{number}", f"{SECRET}{number}"))
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "last", "lo último", at=0))
    before = (await inbox.events("c1"))[-2].id
    assert [event.text for event in await inbox.events("c1", before, limit=5)][-1] == "lo último"


async def all_tickets(redis: Redis) -> list[str]:
    tickets = Tickets(redis)
    return [one.id for one in [*await tickets.waiting(), *await tickets.claimed()]]


@pytest.fixture
def server(redis: Redis, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


async def test_web_history_and_stream_have_no_notes(server: ChatServer) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_S) as browser:
        browser.headers["Authorization"] = f"Bearer {(await browser.post('/api/chat')).json()['token']}"
        await browser.post("/api/chat/messages", json={"id": "m-0000001", "text": "persona"})
        await asyncio.to_thread(eventually_blocking, server.staff.somebody_waits)
        await asyncio.to_thread(at_the_desk, server)
        history = await browser.get("/api/chat/messages")
        streamed = ""
        async with browser.stream("GET", "/api/chat/events") as stream:
            async for line in stream.aiter_lines():
                streamed += line
                if "dicho-1" in line:
                    break
    assert "dicho-1" in history.text
    assert SECRET not in history.text + streamed


def at_the_desk(server: ChatServer) -> None:
    server.staff.takes()
    server.staff.notes(f"{SECRET}1")
    server.staff.says("dicho-1")
