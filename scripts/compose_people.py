"""Simulates citizens and an agent for scripts/compose_trial.py, through the public addresses."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.acceptance.people import NEW_PASSWORD, Agent
from tests.acceptance.people import Citizen as Visitor
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.live_people import Citizen, SocketCitizen, StreamCitizen

QUESTION = "¿Cómo renuevo mi licencia de conducir?"
DOCUMENT = b"%PDF-1.7\n" + bytes(2_000_000)
QUESTIONS = (
    "¿Cómo renuevo mi licencia de conducir?",
    "¿a qué hora pasa el camión de la basura?",
    "hay un hoyo gigante en la esquina de mi casa",
    "quiero sacar patente para mi negocio",
    "¿cómo saco hora en el consultorio?",
)
CITIZENS = 30
PAUSE_S = 1.0
KILL_EVERY_S = 8.0
ALL_ANSWERED_WITHIN_S = 900.0


@dataclass(frozen=True)
class Outcome:
    """The results of all citizens; each question should have exactly one answer. ``waits`` are in seconds."""

    asked: int
    missing: int
    repeated: int
    apologies: int
    handoffs: int
    waits: tuple[float, ...]

    def __str__(self) -> str:
        ranked = sorted(self.waits)
        median, nearly_all, longest = (ranked[int(share * (len(ranked) - 1))] for share in (0.5, 0.95, 1.0))
        return (
            f"{self.asked} questions, {self.missing} without an answer, {self.repeated} answered twice, "
            f"{self.apologies} apologies, {self.handoffs} handed to a person; "
            f"waits p50 {median:.1f} s, p95 {nearly_all:.1f} s, longest {longest:.1f} s"
        )


@dataclass(frozen=True)
class Story:
    """The result of the main journey: the citizen's authorization and events, the agent's account, and the ticket."""

    authorization: str
    events: list[dict[str, Any]]
    email: str
    ticket: str


def story(url: str, email: str, one_time_password: str) -> Story:
    """Simulates the main journey: an answer, a handoff, an agent's reply and a file; returns the result."""
    citizen = Visitor(url)
    (answer,) = (event for event in citizen.ask(QUESTION) if event.get("source"))
    assert answer["source"]["url"].startswith("https://"), answer  # noqa: S101
    citizen.ask("quiero hablar con una persona")
    agent = Agent(url, email, one_time_password)
    ticket = agent.waiting(citizen.conversation)["id"]
    assert agent.claim(ticket).status_code == httpx.codes.OK  # noqa: S101
    agent.reply(ticket, "Hola, soy Ana. ¿En qué te ayudo?")
    eventually_blocking(lambda: citizen.events()[-1]["author"] == "staff")
    sent = {"id": "file-0001", "name": "cedula.pdf"}
    citizen._client.post("/api/chat/files", params=sent, content=DOCUMENT).raise_for_status()
    assert received(agent, ticket) == DOCUMENT  # noqa: S101
    told = Story(citizen._client.headers["Authorization"], citizen.events(), email, ticket)
    citizen.close()
    agent.close()
    return told


def check_restored(url: str, told: Story) -> None:
    """Checks that the story's chat, account, ticket and file still exist, and that both people can chat."""
    citizen = httpx.Client(base_url=url, timeout=PATIENCE_S, headers={"Authorization": told.authorization})

    def words() -> list[tuple[str, str]]:
        return said_in(citizen.get("/api/chat/messages", params={"after": "0"}).raise_for_status().json()["events"])

    before = said_in(told.events)
    assert words()[: len(before)] == before, (words(), before)  # noqa: S101
    agent = Agent(url, told.email, NEW_PASSWORD)
    citizen.post("/api/chat/messages", json={"id": "after-the-restore", "text": "¿sigues ahí?"}).raise_for_status()
    agent.claim(told.ticket).raise_for_status()
    assert received(agent, told.ticket) == DOCUMENT  # noqa: S101
    agent.reply(told.ticket, "Aquí sigo.")
    eventually_blocking(lambda: ("staff", "Aquí sigo.") in words())
    citizen.close()
    agent.close()


def said_in(events: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(event["author"]), str(event["text"])) for event in events]


def received(agent: Agent, ticket: str) -> bytes:
    """Downloads the file that the citizen of a ticket sent."""

    def link() -> str:
        events = agent._client.get(f"/desk/api/tickets/{ticket}").json()["events"]
        return next((str(one["attached"][0]["url"]) for one in events if one.get("attached")), "")

    return agent._client.get(eventually_blocking(link)).raise_for_status().content


async def under_load(
    url: str, kill: Callable[[str], None], victims: Sequence[str], *, citizens: int = CITIZENS
) -> Outcome:
    """Lets ``citizens`` citizens ask questions while ``kill`` kills each of the ``victims``; returns the results.

    Every second citizen uses the stream instead of the socket.
    """
    kinds = [StreamCitizen if number % 2 else SocketCitizen for number in range(citizens)]
    people = [kind(url, f"10.1.{number}.1", lambda _: None) for number, kind in enumerate(kinds)]
    async with asyncio.timeout(ALL_ANSWERED_WITHIN_S), asyncio.TaskGroup() as group:
        listening = [group.create_task(one.run()) for one in people]
        killing = group.create_task(kill_in_turn(kill, victims))
        waits = await asyncio.gather(*(asks(one, killing) for one in people))
        for task in listening:
            task.cancel()
    return outcome(people, [wait for some in waits for wait in some])


async def kill_in_turn(kill: Callable[[str], None], victims: Sequence[str]) -> None:
    for one in victims:
        await asyncio.sleep(KILL_EVERY_S)
        await asyncio.to_thread(kill, one)


async def asks(one: Citizen, killing: asyncio.Task[None]) -> list[float]:
    """Asks the questions with pauses, the last question after the last kill; returns the seconds until each answer.

    Ends early if the citizen is handed off to a person, since the assistant is then silent.
    """
    await one.until(lambda: bool(one.token))
    waits: list[float] = []
    for number, question in enumerate(QUESTIONS):
        if number == len(QUESTIONS) - 1:
            await asyncio.wait([killing])
        if one.speaker not in {"", "assistant"}:
            return waits
        began, known = time.monotonic(), len(replies(one))
        await one.say(f"question-{number}", question)
        await one.until(lambda known=known: len(replies(one)) > known or one.speaker == "waiting")  # type: ignore[misc]
        waits.append(time.monotonic() - began)
        await asyncio.sleep(KILL_EVERY_S if number < len(QUESTIONS) - 2 else PAUSE_S)
    return waits


def replies(one: Citizen) -> list[dict[str, object]]:
    """Returns the assistant's messages, without the welcome."""
    return [event for event in one.events if event["author"] == "assistant"][1:]


def outcome(citizens: Sequence[Citizen], waits: list[float]) -> Outcome:
    """Counts apologies, handoffs, and missing and repeated answers; identifies answers by their source."""
    missing = repeated = apologies = 0
    for one in citizens:
        sources = Counter(str(event["source"]) for event in replies(one) if event.get("source"))
        without = sum(not event.get("source") for event in replies(one))
        repeated += sum(count - 1 for count in sources.values())
        apologies += without
        asked = sum(event["author"] == "citizen" for event in one.events)
        missing += max(0, asked - len(sources) - without)
    handoffs = sum(one.speaker != "assistant" for one in citizens)
    return Outcome(len(waits), missing, repeated, apologies, handoffs, tuple(waits))


def polled_by_one(peer: str) -> dict[str, int]:
    """Returns the number of polls of each worker, as counted by the stand-in for Telegram.

    Raises AssertionError if two workers polled at the same time.
    """

    def report() -> dict[str, dict[str, int]]:
        seen: dict[str, dict[str, int]] = httpx.get(f"{peer}/report", timeout=PATIENCE_S).json()
        return seen if sum(seen["polls"].values()) > 5 else {}

    seen = eventually_blocking(report)
    assert not seen["overlaps"], seen  # noqa: S101
    return seen["polls"]
