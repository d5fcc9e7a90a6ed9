"""Measures what encrypted transcripts cost: ``python -m benchmarks.transcripts``.

Starts a separate PostgreSQL. Prints the times in µs of encrypting a text, decrypting it and unwrapping a key in memory.
Then prints the times in ms of recording a message (in a batch per conversation, and alone), of reading a conversation,
and of a search. Each time is the 10th percentile of the runs, because other programs may have slowed down the rest.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from benchmarks.output import say
from benchmarks.own_postgres import own_postgres
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.secrets.encryption import MasterKeys
from bot.desk.queries.search import Search
from bot.handoff.agent import Agent
from bot.record.engine import Sessions, open_database
from bot.record.event_record import Logged, write_events
from bot.record.transcripts.terms import prepare_terms

RUNS, TALKS, SAID = 2000, 300, 20
TEXT = "Buenas tardes, quisiera saber qué necesito para renovar la licencia de conducir si vence en dos semanas más."
EVA = Agent("eva", "Eva")


def in_memory() -> None:
    masters = MasterKeys("s" * 40)
    cipher, wrapped = masters.new_key("c")
    encrypted = cipher.encrypt(TEXT, "place")
    for name, work in {
        "encrypt": lambda: cipher.encrypt(TEXT, "place"),
        "decrypt": lambda: cipher.decrypt(encrypted, "place"),
        "unwrap": lambda: masters.unwrap("c", cipher.id, masters.newest, wrapped),
    }.items():
        say(f"{name}: {fastest(_timed(work) for _ in range(RUNS)) * 1e6:.1f} µs")


def fastest(times: Iterable[float]) -> float:
    """Returns the 10th percentile of ``times``."""
    return statistics.quantiles(times, n=10)[0]


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


async def _waited(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def events(talk: int) -> list[Event]:
    authors = (Author.CITIZEN, Author.ASSISTANT)
    ids = [f"{1_700_000_000_000 + talk * 1000 + number}-0" for number in range(SAID)]
    return [
        Event(id, f"{talk:032}", EventKind.MESSAGE, authors[number % 2], TEXT, MessageFacts(), 1_700_000_000_000)
        for number, id in enumerate(ids)
    ]


async def in_database(sessions: Sessions) -> None:
    async def record(batch: list[Event]) -> None:
        async with sessions.begin() as session:
            await prepare_terms(session, [(one.author, one.text) for one in batch])
            await write_events(session, [Logged(event, "web") for event in batch])

    batches = [await _waited(lambda talk=talk: record(events(talk))) for talk in range(TALKS)]  # type: ignore[misc]
    say(f"record a message, {SAID} in a batch: {fastest(batches) / SAID:.2f} ms")
    singles = [await _waited(lambda one=one: record([one])) for one in events(TALKS)]  # type: ignore[misc]
    say(f"record a message alone: {fastest(singles):.2f} ms")
    search = Search(sessions)
    reads = [await _waited(lambda talk=talk: search.past(f"{talk:032}", EVA)) for talk in range(TALKS)]  # type: ignore[misc]
    say(f"read a conversation of {SAID}: {fastest(reads):.2f} ms")
    finds = [await _waited(lambda: search.find("licencia de conducir", EVA)) for _ in range(20)]
    say(f"search, {TALKS * SAID // 2} matches: {fastest(finds):.1f} ms")


async def measure(url: str) -> None:
    engine, sessions = open_database(url, masters=MasterKeys("s" * 40))
    await in_database(sessions)
    await engine.dispose()


def main() -> None:
    in_memory()
    with tempfile.TemporaryDirectory() as folder, own_postgres(Path(folder)) as postgres:
        asyncio.run(measure(postgres.url))


if __name__ == "__main__":
    main()
