"""Measures the page of figures with a million episodes in a year: ``python -m benchmarks.figures [count]``.

Starts a separate PostgreSQL. Prints the time of a report (all that /desk/cifras reads) on 7, 30 and 90 days and on a
month, computed first from the episodes and then from the daily sums; exits with 1 if the two reports differ. Then
prints the times of a report of one segment, of a list of conversations, of all entries, and of the evidence about three
changes of a channel's roll-out. The times are processor times of PostgreSQL and of this process together, so that other
programs do not count: the time of the first run, with its wall-clock time, and the median of all runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.output import say
from benchmarks.own_postgres import own_postgres
from bot.agency.whatsapp_prices import PriceList, Prices
from bot.core.messages import Channel
from bot.desk.queries.rollout_changes import RolloutChange
from bot.desk.queries.rollout_evidence import RolloutEvidence
from bot.figures.counting import Counting
from bot.figures.daily.rollup import Rollups
from bot.figures.listing import Listing
from bot.figures.report import Report, Reports
from bot.figures.results import Period, month_of
from bot.figures.segments import EVERYTHING, Part, Selection
from bot.record.engine import Sessions, open_database
from bot.record.migrate import migrate
from bot.turns.rollout import Kind, Step

COUNT = 1_000_000
Result = TypeVar("Result")
NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
RUNS = 5
SEGMENTS = ("comuna", "idioma", "vuelve")
PART = Selection(part=Part("comuna", "los-aromos"))
TALKS = text("""
    INSERT INTO conversations (id, channel, started_at, last_at)
    SELECT 'c' || number, (ARRAY['web', 'whatsapp', 'telegram'])[1 + number % 3], :now, :now
    FROM generate_series(0, :count / 8) AS number
""")
MARKS = text("INSERT INTO episode_marks (conversation_id, read_up_to) SELECT id, :now FROM conversations")
EPISODES = text("""
    INSERT INTO episodes (conversation_id, channel, started_at, ended_at, day, hour, first_of_month, returned_at,
        trigger, ending, messages, theme, entries, versions, probabilities, useful, asked_useful, said_useful,
        said_useless, said_other, offers, choices, reason, team, outcome, handed_at, claimed_at, replied_at,
        closed_at, stars, call_asked_at, call_promised_at, called_at, call_outcome, segments)
    SELECT 'c' || talk, (ARRAY['web', 'whatsapp', 'telegram'])[1 + talk % 3], at, at + interval '3 minutes', at::date,
        extract(hour FROM at), true, CASE WHEN dice < 0.25 THEN at + interval '5 days' END, 'words',
        (ARRAY['answered', 'answered', 'answered', 'person', 'lost', 'offered', 'talk', 'referred'])[kind], 1,
        'tema' || number % 9, CASE WHEN kind < 4 THEN ARRAY['entrada' || number % 70] ELSE '{}' END,
        CASE WHEN kind < 4 THEN ARRAY['v1'] ELSE '{}' END, CASE WHEN kind < 4 THEN ARRAY[0.9] ELSE '{}' END,
        CASE WHEN kind < 4 THEN ARRAY[dice < 0.8] ELSE '{}' END, 1, 1, 0, 0, (number % 5 = 0)::int, 0,
        CASE WHEN kind IN (4, 5) THEN (ARRAY['asked_human', 'low_confidence'])[1 + number % 2] ELSE '' END,
        CASE WHEN kind IN (4, 5) THEN 'equipo' || number % 6 ELSE '' END, '',
        CASE WHEN kind IN (4, 5) THEN at END, CASE WHEN kind = 4 THEN at + dice * interval '2 hours' END,
        CASE WHEN kind = 4 THEN at + dice * interval '3 hours' END, NULL, CASE WHEN kind = 4 THEN 5 END,
        CASE WHEN called THEN at END, CASE WHEN called THEN at + interval '1 hour' END,
        CASE WHEN called THEN at + dice * interval '4 hours' END, CASE WHEN called THEN 'reached' ELSE '' END,
        CASE WHEN number % 10 > 0 THEN jsonb_build_object('vuelve', 'primera')
            ELSE jsonb_build_object('vuelve', 'primera', 'comuna', 'los-aromos') END
    FROM (SELECT number, (random() * :count / 8)::int AS talk, 1 + number % 8 AS kind, random() AS dice,
            number % 8 = 4 AND number % 3 = 0 AS called,
            CAST(:now AS timestamptz) - number * (interval '365 days' / :count) AS at
        FROM generate_series(1, :count) AS number) AS made
""")
MONTHS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'episodes'::regclass")
WINDOWS = text("""
    INSERT INTO window_days (conversation_id, channel, day, at, windows, received, inside, templates)
    SELECT conversation_id, channel, day, min(started_at), 1, 2 * count(*), 3 * count(*), 0
    FROM episodes WHERE channel = 'whatsapp' GROUP BY 1, 2, 3
""")
PRICES = Prices("USD", "utilidad", (PriceList(date(2025, 1, 1), 0.005, 0.02, 1000, 0.02),))
PERIODS = {
    "7 days": Period((NOW - timedelta(days=6)).date(), date(2026, 11, 26)),
    "30 days": Period((NOW - timedelta(days=29)).date(), date(2026, 11, 26)),
    "90 days": Period((NOW - timedelta(days=89)).date(), date(2026, 11, 26)),
    "October": month_of(date(2026, 10, 1)),
}


CHANGES = [
    RolloutChange(
        3 - number, Channel.WHATSAPP, at := NOW - timedelta(days=30 + 40 * number), at, Step(), Step(Kind.SHARE, 10)
    )
    for number in range(3)
]


@dataclass(frozen=True)
class Times:
    """The processor times of several runs, and the wall-clock time of the first run, in ms."""

    processor: list[float]
    first: float

    def __str__(self) -> str:
        later = statistics.median(self.processor)
        return f"first {self.processor[0]:.0f} ms ({self.first:.0f} waited), then {later:.0f} ms"


def _spent(path: Path) -> list[int]:
    """Returns the parent's id of a process, and the processor ticks (user, system) of it and its ended children."""
    fields = path.read_text().rpartition(")")[2].split()
    return [int(fields[place]) for place in (1, 11, 12, 13, 14)]


@dataclass(frozen=True)
class Clock:
    """Measures the processor time of this process and of PostgreSQL, including that of ended connections."""

    postgres: int  # its process id

    def now(self) -> float:
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parent, *times = _spent(path)
                of_main = int(path.parent.name) == self.postgres
                ticks += sum(times if of_main else times[:2]) if of_main or parent == self.postgres else 0
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    async def of(self, work: Callable[[], Awaitable[Result]]) -> tuple[Result, Times]:
        spent, waited = [], []
        for _ in range(RUNS):
            began, at = self.now(), time.perf_counter()
            result = await work()
            spent.append((self.now() - began) * 1000)
            waited.append((time.perf_counter() - at) * 1000)
        return result, Times(spent, waited[0])


async def measured(clock: Clock, sessions: Sessions, only: Selection = EVERYTHING) -> dict[str, tuple[Report, Times]]:
    async def made(period: Period) -> Report:
        report = await Reports(sessions, SEGMENTS, PRICES).of(period, NOW, only=only)
        report.compared.days.get("")  # computed when it is read, as by the page, which shows all teams together first
        return report

    return {name: await clock.of(partial(made, period)) for name, period in PERIODS.items()}


async def vacuum(engine: AsyncEngine, *tables: str) -> None:
    """Runs VACUUM ANALYZE, as autovacuum would later; autovacuum never analyzes the partitioned table."""
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("SET statement_timeout = 0"))
        for table in tables:
            await alone.execute(text(f"VACUUM ANALYZE {table}"))


async def measure(url: str, count: int, clock: Clock) -> None:
    engine, sessions = open_database(url)
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in (TALKS, MARKS, EPISODES, WINDOWS):
            named = {name: value for name, value in (("count", count), ("now", NOW)) if f":{name}" in statement.text}
            await session.execute(statement, named)
    await asyncio.to_thread(migrate, url)  # moves the episodes to the partitions of their months
    async with sessions() as session:
        months = (await session.scalars(MONTHS)).all()
    await vacuum(engine, "window_days", *months)
    raw = await measured(clock, sessions)
    began = time.perf_counter()
    days = await Rollups(sessions, SEGMENTS).roll(NOW)
    say(f"{count:,} episodes; {days} days were summed in {time.perf_counter() - began:.0f} s")
    await vacuum(engine, "episode_days", "episode_sums", "episode_values")
    summed = await measured(clock, sessions)
    for name, (report, times) in raw.items():
        later, shorter = summed[name]
        say(f"{name}: from episodes {times}; with sums {shorter}; the same: {report == later}")
        if report != later:
            sys.exit(1)
    for name, (_, times) in (await measured(clock, sessions, PART)).items():
        say(f"{name}, of one segment and whether it is shown: {times}")
    for name, period in PERIODS.items():
        _, listed = await clock.of(partial(Listing(sessions).of, "sin_respuesta", period, NOW))
        _, entries = await clock.of(partial(Counting(sessions).every_entry, period))
        say(f"{name}, the conversations of a figure: {listed}; all entries: {entries}")
    evidence = RolloutEvidence(sessions)
    _, times = await clock.of(lambda: evidence.of(CHANGES, CHANGES, NOW))
    say(f"three changes of a channel: {times}")
    await engine.dispose()


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, own_postgres(Path(folder)) as postgres:
        asyncio.run(measure(postgres.url, count, Clock(postgres.pid)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
