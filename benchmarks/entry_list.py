"""Measures the editors' list with 2,000 entries: ``python -m benchmarks.entry_list [answers]``.

Starts a separate Valkey, a separate PostgreSQL and the desk. A tenth of the entries have a draft; citizens got
``answers`` answers in the last 30 days, by default 200,000. Prints the milliseconds that requests take: the first
request, which waits until the answers are counted, then the first page, the last page, a search and the list of drafts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
from sqlalchemy import insert, text

from benchmarks.output import say
from benchmarks.own_postgres import own_postgres
from bot.core.messages import Source
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.entry import Entry
from bot.faq.entries.writing import written
from bot.record.engine import open_database
from bot.record.tables import EntryDocument, EntryEdition
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import open_redis
from tests.desk_world import DeskWorld, desk_world
from tests.faq_files import agency

ENTRIES, ANSWERS, DRAFTED, RUNS, TARGET_MS = 2000, 200_000, 10, 30, 300
PASSWORD, EDITOR = "benchmark", "ana@losaromos.example"
NOW = datetime.now(UTC)
ANSWERED = text("""
    INSERT INTO messages (conversation_id, event_id, at, author, text, data)
    SELECT 'c' || number % 1000, number || '-0', :now - number * (interval '29 days' / :count), 'assistant', 'Sí.',
        jsonb_build_object('provenance', jsonb_build_object('entry', 'e' || number % 2000, 'version', 'v'))
    FROM generate_series(1, :count) AS number
""")
TALKS = text("""
    INSERT INTO conversations (id, channel, started_at, last_at)
    SELECT 'c' || number, 'web', :now, :now FROM generate_series(0, 999) AS number
""")
REQUESTS = {
    "the first page": {},
    "the last page": {"pagina": "20"},
    "a search": {"q": "cuota de la patente"},
    "drafts": {"estado": "draft"},
}


def entry(number: int) -> Entry:
    said = tuple(f"cómo pago la cuota {number} de la patente {place}" for place in range(12))
    return Entry(
        id=f"e{number}",
        question=f"¿Cómo pago la cuota {number} de la patente?",
        variants=said,
        topic=f"tema-{number % 15}",
        team="atencion",
        source=Source("Los Aromos", "https://www.losaromos.example"),
        responsible="Rentas",
        reviewed=date(2026, 11, 1),
        expires=date(2027, 3, 31) if number % 3 else None,
        audience={},
        body="Págala en línea. " * 60,
        version="v",
        path=f"tema-{number % 15}/e{number}.md",
        lines={},
    )


async def fill(world: DeskWorld, answers: int) -> None:
    world.faq.entries = tuple(map(entry, range(ENTRIES)))
    ids = [uuid.uuid4() for _ in range(ENTRIES)]
    rows = [
        {"id": id, "path": one.path, "published_hash": f"{number:064}"}
        for number, (id, one) in enumerate(zip(ids, world.faq.entries, strict=True))
    ]
    drafts = [draft(id, one) for id, one in list(zip(ids, world.faq.entries, strict=True))[::DRAFTED]]
    async with world.sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(insert(EntryDocument), rows)
        await session.execute(insert(EntryEdition), drafts)
        await session.execute(TALKS, {"now": NOW})
        await session.execute(ANSWERED, {"now": NOW, "count": answers})


def draft(id: uuid.UUID, one: Entry) -> dict[str, object]:
    fields = {"id": one.id, "pregunta": one.question, "variantes": one.variants, "tema": one.topic}
    content = EntryText(written(fields, one.body), "una frase más\n" * 100)
    said = {"content": content.content, "phrases": content.phrases, "hash": content.hash}
    return {"document_id": id, "state": "draft", "base_hash": "x", "changed_by": "Ana", **said}


async def asked(browser: httpx.AsyncClient, params: dict[str, str]) -> float:
    began = time.perf_counter()
    (await browser.get(PATH, params=params)).raise_for_status()
    return (time.perf_counter() - began) * 1000


async def measure(redis_url: str, database_url: str, answers: int) -> None:
    redis = open_redis(redis_url, "s" * 40)
    engine, sessions = open_database(database_url)
    async with desk_world(redis, sessions, replace(agency(), four_eyes=False)) as world:
        await world.hire(EDITOR, "Ana", ("editor",))
        await fill(world, answers)
        browser = await world.sign_in_elsewhere(EDITOR)
        say(f"{ENTRIES:,} entries, {ENTRIES // DRAFTED} drafts, {answers:,} answers in 30 days; wanted: {TARGET_MS} ms")
        say(f"the first request, which counts the answers: {await asked(browser, {}):.0f} ms")
        for name, params in REQUESTS.items():
            times = [await asked(browser, params) for _ in range(RUNS)]
            say(f"{name}: p50 {statistics.median(times):.0f} ms, longest {max(times):.0f} ms")
    await redis.aclose()
    await engine.dispose()


def main() -> None:
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else ANSWERS
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        valkey = Running(valkey_part(home, port, PASSWORD))
        try:
            valkey.wait_healthy()
            with own_postgres(home) as postgres:
                asyncio.run(measure(valkey_url(port, PASSWORD), postgres.url, answers))
        finally:
            valkey.stop()


if __name__ == "__main__":
    main()
