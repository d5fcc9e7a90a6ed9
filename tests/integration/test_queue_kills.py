"""Tests that fifty live chats continue when the bot's processes and Valkey are killed."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import RedisError
from sqlalchemy import select

from bot.core.errors.tickets import TicketNotYours
from bot.core.messages import Author, Channel, CitizenMessage, Reply
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.tables import Ticket as TicketRow
from bot.record.transcripts.rows import read
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import open_redis
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from tests import forked
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.forked import Forked
from tests.no_record import mailbox_of
from tests.parts import patient
from tests.transcripts import SECRET

CHATS, AGENTS, ROUNDS = 50, 5, 4
PAUSE_S = 0.3
PASSWORD = "test-password"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    port = free_port()
    running = Running(patient(valkey_part(tmp_path, port, PASSWORD)))
    running.wait_healthy()
    yield running, valkey_url(port, PASSWORD)
    running.stop()


@asynccontextmanager
async def bots(redis_url: str, database_url: str, count: int) -> AsyncIterator[list[Forked]]:
    started = [start(redis_url, database_url) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def start(redis_url: str, database_url: str) -> Forked:
    return forked.start("tests.integration.desk_process", REDIS_URL=redis_url, DATABASE_URL=database_url)


async def whatever_happens(step: Callable[[], Awaitable[Any]]) -> Any:
    """Retries ``step`` until Valkey answers, as a browser does; returns its result."""
    while True:
        try:
            return await step()
        except (RedisError, OSError):
            await asyncio.sleep(PAUSE_S)


class Chats:
    """Fifty citizens who chat with five agents."""

    def __init__(self, redis_url: str) -> None:
        self.redis = open_redis(redis_url, SECRET)
        self.inbox, self.tickets, self.presences = mailbox_of(self.redis), Tickets(self.redis), Presences(self.redis)
        self.rounds = Counter[str]()
        self.closed: set[str] = set()

    async def citizen(self, name: str) -> None:
        await self.says(name, "persona", "m0")
        for number in range(1, ROUNDS + 1):
            await self.until_answered(name, number)
            await self.says(name, f"gracias {number}", f"m{number}")

    async def says(self, name: str, text: str, message_id: str) -> None:
        message = CitizenMessage(name, Channel.WEB, message_id, text, at=0)
        await whatever_happens(lambda: self.inbox.accept(message))

    async def until_answered(self, name: str, number: int) -> None:
        async def look() -> bool:
            return number <= len([one for one in await self.staff_words(name) if one.startswith("dato")])

        await eventually(look, LONG_PATIENCE_S)

    async def staff_words(self, name: str) -> list[str]:
        feed = await whatever_happens(lambda: self.inbox.events(name))
        return [event.text for event in feed if event.author is Author.STAFF]

    async def agent(self, me: StaffRef) -> None:
        while len(self.closed) < CHATS:
            await whatever_happens(lambda: self.presences.heartbeat(me.id, me.name, Skills()))
            await whatever_happens(lambda: self.tickets.claim_next(me, (), Reply("te atiende {nombre}")))
            for ticket in await whatever_happens(self.tickets.claimed):
                if ticket.owner == me:
                    await self.answer(ticket, me)
            await asyncio.sleep(PAUSE_S)

    async def answer(self, ticket: Ticket, me: StaffRef) -> None:
        """Answers if the citizen wrote last, and closes the ticket after the last answer."""
        done = len(await self.staff_words(ticket.conversation))
        heard = await self.citizen_words(ticket.conversation)
        if done < ROUNDS and heard > done:
            text = f"dato {done + 1}"
            await whatever_happens(lambda: self.tickets.reply(ticket.id, me, text, f"r{done}"))
            self.rounds[ticket.conversation] = done + 1
        elif heard > ROUNDS:
            await self.close(ticket, me)

    async def citizen_words(self, name: str) -> int:
        feed = await whatever_happens(lambda: self.inbox.events(name))
        return len([event for event in feed if event.author is Author.CITIZEN])

    async def close(self, ticket: Ticket, me: StaffRef) -> None:
        try:
            await whatever_happens(lambda: self.tickets.close(ticket.id, me, Reply("adiós")))
        except TicketNotYours:
            found = await whatever_happens(lambda: self.tickets.get(ticket.id))
            assert found.closed  # the answer to the first try was lost
        self.closed.add(ticket.conversation)

    async def until(self, rounds: int) -> None:
        await eventually(lambda: self.rounds.total() >= rounds, LONG_PATIENCE_S)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_fifty_chats_survive_kills_of_bots_and_valkey(
    valkey: tuple[Running, str], database: Sessions, database_url: str
) -> None:
    running, redis_url = valkey
    chats, names = Chats(redis_url), [f"c{number}" for number in range(CHATS)]
    async with bots(redis_url, database_url, 2) as processes, asyncio.timeout(LONG_PATIENCE_S):
        people = asyncio.gather(
            *(chats.citizen(name) for name in names),
            *(chats.agent(StaffRef(f"a{number}", f"Agente {number}")) for number in range(AGENTS)),
        )
        await chats.until(CHATS // 2)
        processes[0].kill()
        await chats.until(CHATS)
        running.process.kill()
        running.process.wait()
        running.restart()
        await chats.until(2 * CHATS)
        processes[1].kill()
        processes.append(start(redis_url, database_url))
        await people
        await recorded(chats, database)
    await chats.redis.aclose()
    gc.collect()  # connections that died with Valkey say so here, not in whatever test comes next


async def recorded(chats: Chats, database: Sessions) -> None:
    """Checks that each chat is complete and stored once, in Valkey and in the record."""
    expected = ["persona", *(f"{who} {n}" for n in range(1, ROUNDS + 1) for who in ("dato", "gracias"))]
    for name in sorted(chats.closed):
        feed = await chats.inbox.events(name)
        assert [event.text for event in feed if event.author in {Author.CITIZEN, Author.STAFF}] == expected
        assert Counter(event.kind for event in feed)["ticket_opened"] == 1
    while True:
        async with database() as session:
            outcomes = list(await session.scalars(select(TicketRow.outcome)))
            words = select(Message).where(Message.author.in_(["citizen", "staff"]))
            said = Counter((one.conversation_id, one.text) for one in await read(session, words))
        if outcomes == ["solved"] * CHATS and said.total() >= CHATS * len(expected):
            break  # what a killed recorder held is recorded when another takes it over
        await asyncio.sleep(PAUSE_S)
    assert said == Counter((name, text) for name in chats.closed for text in expected)
