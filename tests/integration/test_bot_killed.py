"""Tests that fifty citizens continue to chat over sockets and streams while the whole bot is killed repeatedly.

Some chat with the assistant, some wait, some have an agent: each message is sent once, in order, and no citizen loses
the agent.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.core.event_facts import TicketState
from bot.record.engine import Sessions
from bot.record.tables import Message, Staff
from bot.record.tables import Ticket as TicketRow
from bot.record.transcripts.rows import read
from bot.run.part import Running
from bot.run.ports import listening
from bot.store.client import open_redis
from bot.tickets.tickets import Tickets
from tests.bot_process import BotProcess, bot_process
from tests.desk_world import PASSWORD
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.live_people import Agent, Citizen, Event, SocketCitizen, StreamCitizen, order
from tests.quick_passwords import QUICK
from tests.transcripts import SECRET

ASK_ASSISTANT, WAIT, STAY, LEAVE = 20, 10, 10, 10
QUESTIONS, ROUNDS = 6, 4
AGENTS = ("ana", "beto", "carla", "dina")
# Of 210 answers. The second kill is repeated once the bot listens again, and one more follows at the end.
KILLED_AT = (20, 70, 120, 180)
PAUSE_S = 0.1
FOR_NOW, FOR_LATER, THANKS = "una persona, por favor", "una persona cuando se pueda", "eso es todo, gracias"


class Kills:
    """Kills the bot (kill -9) when certain numbers of answers were received, and restarts it."""

    def __init__(self, bot: Running, port: int, moments: Sequence[int]) -> None:
        self._bot, self._port, self._moments = bot, port, moments
        self.answers = self.count = 0
        self._starting: list[asyncio.Task[None]] = []
        self.happened = [asyncio.Event() for _ in moments]

    def heard(self, event: Event) -> None:
        if not event["text"].startswith(("eco: ", "dato ")):
            return
        self.answers += 1
        if self.count < len(self._moments) and self.answers == self._moments[self.count]:
            self._bot.process.kill()
            self.happened[self.count].set()
            self.count += 1
            self._starting.append(asyncio.create_task(self._start(again=self.count == 2)))

    async def _start(self, *, again: bool) -> None:
        await asyncio.to_thread(self._bot.process.wait)
        self._bot.restart()
        if again:
            await eventually(lambda: listening(self._port))
            self._bot.process.kill()
            await self._start(again=False)

    async def once_more(self) -> None:
        """Restarts the bot once more at the end, so that later reads show only stored data."""
        await asyncio.gather(*self._starting)
        self._bot.process.kill()
        await self._start(again=False)


async def asks_the_assistant(one: Citizen) -> None:
    """Asks two questions at a time, so that a wrong order would be visible."""
    for number in range(0, QUESTIONS, 2):
        await one.say(f"question-{number}", f"¿pregunta {number}?")
        await one.say(f"question-{number + 1}", f"¿pregunta {number + 1}?")
        await one.until(lambda upto=number + 2: len(answers(one)) >= upto)


async def waits(one: Citizen, kills: Kills) -> None:
    """Waits for a person, and writes again after each kill of the bot."""
    await one.say("message-0", FOR_LATER)
    await one.until(lambda: one.speaker == "waiting")
    for number, happened in enumerate(kills.happened):
        await happened.wait()
        await one.say(f"meanwhile-{number}", f"sigo aquí {number}")


async def is_attended(one: Citizen, *, leaves: bool) -> None:
    await one.say("message-0", FOR_NOW)
    await one.until(lambda: one.speaker == "staff")
    for number in range(ROUNDS):
        await one.say(f"talk-{number:04}", f"duda {number}")
        await one.until(lambda upto=number + 1: len(one.words_of("staff")) >= upto)
    if leaves:
        await one.say("the-end-0", THANKS)
        await one.until(lambda: one.speaker == "assistant")
        await one.say("question-0", "¿pregunta 0?")
        await one.until(lambda: len(answers(one)) == 1)


def answers(one: Citizen) -> list[str]:
    return [text for text in one.words_of("assistant") if text.startswith("eco: ")]


async def attend(agent: Agent, ticket: str) -> None:
    """Answers each question once and closes the ticket when the citizen thanks; reads only the transcript."""
    heard = agent.words_of(ticket, "citizen")
    for number in range(len(agent.words_of(ticket, "staff")), sum(text.startswith("duda") for text in heard)):
        await agent.reply(ticket, f"dato {number}", f"ticket-{ticket}-{number}")
    if THANKS in heard:
        await agent.close_ticket(ticket)


async def hire(database: Sessions) -> dict[str, str]:
    """Creates the agents; returns their ids by name."""
    async with database.begin() as session:
        rows = [Staff(email=f"{name}@x.cl", name=name, roles=["agent"]) for name in AGENTS]
        for row in rows:
            row.password_hash, row.must_change_password = QUICK.hash(PASSWORD), False
        session.add_all(rows)
        await session.flush()
        return {row.name: str(row.id) for row in rows}


@pytest.fixture
def bot(tmp_path: Path, database_url: str, database: Sessions) -> Iterator[BotProcess]:
    with bot_process(tmp_path, database_url) as started:
        yield started


@pytest.mark.timeout(LONG_PATIENCE_S + 120)
async def test_fifty_chats_survive_repeated_kills_of_the_bot(bot: BotProcess, database: Sessions) -> None:
    ids = await hire(database)
    kills = Kills(bot.bot, int(bot.url.rpartition(":")[2]), KILLED_AT)
    kinds = [StreamCitizen if number % 2 else SocketCitizen for number in range(ASK_ASSISTANT + WAIT + STAY + LEAVE)]
    citizens = [kind(bot.url, f"10.1.{number}.1", kills.heard) for number, kind in enumerate(kinds)]
    asking, waiting = citizens[:ASK_ASSISTANT], citizens[ASK_ASSISTANT : ASK_ASSISTANT + WAIT]
    staying, leaving = citizens[-STAY - LEAVE : -LEAVE], citizens[-LEAVE:]
    agents = [Agent(bot.url, name, f"10.2.{number}.1") for number, name in enumerate(AGENTS)]
    for agent in agents:
        await agent.sign_in(f"{agent.name}@x.cl", PASSWORD)
    at_work = [agent.run(lambda ticket: ticket["summary"] == FOR_NOW, attend) for agent in agents]
    async with asyncio.timeout(LONG_PATIENCE_S), asyncio.TaskGroup() as group:
        people = [group.create_task(one) for one in (*(one.run() for one in citizens), *at_work)]
        for one in citizens:
            await one.until(lambda one=one: bool(one.token))
        await asyncio.gather(
            *(asks_the_assistant(one) for one in asking),
            *(waits(one, kills) for one in waiting),
            *(is_attended(one, leaves=False) for one in staying),
            *(is_attended(one, leaves=True) for one in leaving),
        )
        assert kills.count == len(KILLED_AT)
        await asyncio.gather(*(until_back(agent, agent.connections) for agent in agents), kills.once_more())
        said = {one.conversation: expected for one, expected in expectations(asking, waiting, staying, leaving)}

        async def look() -> bool:
            return await recorded(database) == said

        await eventually(look, LONG_PATIENCE_S)
        for one in people:
            one.cancel()
    for one in citizens:
        assert talk_of(one) == said[one.conversation]
    await whose_they_are(bot, agents, ids, database, waiting=waiting, staying=staying, leaving=leaving)
    for agent in agents:
        await agent.close()
    assert "Traceback" not in bot.log


def expectations(
    asking: list[Citizen], waiting: list[Citizen], staying: list[Citizen], leaving: list[Citizen]
) -> list[tuple[Citizen, list[tuple[str, str]]]]:
    """Returns the expected messages of each chat, without the welcome and the notices."""
    asked = [f"¿pregunta {number}?" for number in range(QUESTIONS)]
    talked = [
        ("citizen", FOR_NOW),
        ("assistant", "Te dejo con alguien."),
        *((who, f"{what} {n}") for n in range(ROUNDS) for who, what in (("citizen", "duda"), ("staff", "dato"))),
    ]
    waited = [
        ("citizen", FOR_LATER),
        ("assistant", "Te dejo con alguien."),
        *(("citizen", f"sigo aquí {n}") for n in range(len(KILLED_AT))),
    ]
    back = [("citizen", THANKS), ("citizen", asked[0]), ("assistant", f"eco: {asked[0]}")]
    return [
        *(
            (one, [("citizen", text) for text in asked] + [("assistant", f"eco: {text}") for text in asked])
            for one in asking
        ),
        *((one, waited) for one in waiting),
        *((one, talked) for one in staying),
        *((one, talked + back) for one in leaving),
    ]


def talk_of(one: Citizen) -> list[tuple[str, str]]:
    return ordered([(event["author"], event["text"]) for event in one.events])


def ordered(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns the messages without welcome and notices.

    If only the assistant answers, returns the citizen's messages first, because a question may be sent before the
    answer to the previous one arrives.
    """
    messages = [(who, text) for who, text in said if who != "system"][1:]
    if all(text.startswith(("¿", "eco: ")) for _, text in messages):
        return sorted(messages, key=lambda one: one[0] == "assistant")
    return messages


async def until_back(agent: Agent, connections: int) -> None:
    """Waits until the agent's stream works again and the page has all messages of the agent's citizens."""
    await eventually(lambda: agent.connections > connections, LONG_PATIENCE_S)
    everything = [f"duda {number}" for number in range(ROUNDS)]
    for ticket in agent.transcripts:
        await eventually(lambda ticket=ticket: agent.words_of(ticket, "citizen")[1 : ROUNDS + 1] == everything)


async def recorded(database: Sessions) -> dict[str, list[tuple[str, str]]]:
    told = defaultdict[str, list[tuple[str, str]]](list)
    async with database() as session:
        for row in sorted(await read(session, select(Message)), key=lambda row: order(row.event_id)):
            told[row.conversation_id].append((row.author, row.text))
    return {conversation: ordered(messages) for conversation, messages in told.items()}


async def whose_they_are(
    bot: BotProcess, agents: list[Agent], ids: dict[str, str], database: Sessions, **citizens: list[Citizen]
) -> None:
    """Checks that each ticket had only one owner, whose page showed it, and who still has it."""
    had = [(ticket, ids[agent.name]) for agent in agents for ticket in agent.transcripts]
    owner_of = dict(had)
    assert len(had) == len(owner_of) == STAY + LEAVE
    redis = open_redis(bot.redis_url, SECRET)
    tickets = Tickets(redis)
    claimed, waiting = await tickets.claimed(), await tickets.waiting()
    assert {one.conversation for one in claimed} == {one.conversation for one in citizens["staying"]}
    assert all(one.owner and one.owner.id == owner_of[one.id] for one in claimed)
    assert sorted(one.conversation for one in waiting) == sorted(one.conversation for one in citizens["waiting"])
    await redis.aclose()
    async with database() as session:
        rows = list(await session.scalars(select(TicketRow)))
    assert len(rows) == WAIT + STAY + LEAVE
    assert {row.id: row.claimed_by for row in rows if row.claimed_by} == owner_of
    closed = {row.conversation_id for row in rows if row.state == TicketState.CLOSED}
    assert closed == {one.conversation for one in citizens["leaving"]}
