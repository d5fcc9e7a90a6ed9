"""Measures the cost of the metrics: ``python -m benchmarks.metrics_cost``.

Prints the processor time that counting and timing add to one message. Then prints, for this process and for Valkey, the
time of a scrape with 1,000 waiting tickets and 1,000 conversations in the work queue.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from redis.asyncio import Redis

from bot.core.disk import Disk
from bot.core.messages import Channel
from bot.core.progress import Progress
from bot.metrics import page as page_module
from bot.metrics.measures import (
    Outcome,
    Stage,
    count_accepted,
    count_committed,
    observe_lease,
    timed,
)
from bot.metrics.page import Page
from bot.metrics.process_state import disk_source, log_source, tasks_source
from bot.metrics.store_state import StoreSource
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.store.client import open_redis

MESSAGES, SCRAPES, WAITING = 100_000, 200, 1000
TEAMS = [f"equipo_{number}" for number in range(10)]
STAGES = (Stage.ACCEPT, Stage.DECIDE, Stage.RASA, Stage.COMMIT, Stage.SEND)


def message() -> None:
    """Records the metrics of one message on a channel with a provider."""
    for stage in STAGES:
        with timed(stage):
            pass
    count_accepted(Channel.TELEGRAM)
    observe_lease("1700000000000-0")
    count_committed(Channel.TELEGRAM, Outcome.ANSWERED, 1_700_000_000_000)


async def fill(url: str) -> None:
    now = int(time.time() * 1000)
    async with Redis.from_url(url) as redis, redis.pipeline(transaction=False) as pipe:
        for number in range(WAITING):
            team = TEAMS[number % len(TEAMS)]
            pipe.sadd(keys.QUEUES, team)
            pipe.zadd(keys.queue_key(team), {str(number): (number % 4) * 1e13 + now - number})
            pipe.xadd(keys.WORK, {"conversation": f"c{number}"})
            pipe.rpush(keys.inbox_key(f"c{number}"), json.dumps({"text": "hola " * 40, "at": now - number}))
        await pipe.execute()


async def scrape(url: str) -> None:
    await fill(url)
    page_module.KEPT_S = -1.0
    store = open_redis(url, "s" * 40)
    source = StoreSource(store, TEAMS, list(Channel))
    disk = disk_source(Disk(Path.cwd(), 256))
    page = Page({"store": source.read, "tasks": tasks_source(Progress()), "disk": disk, "log": log_source})
    size = len(await page.text())
    began, processor = time.perf_counter(), time.process_time()
    for _ in range(SCRAPES):
        await page.text()
    spent, wall = time.process_time() - processor, time.perf_counter() - began
    async with Redis.from_url(url, decode_responses=True) as redis:
        stats = (await redis.info("commandstats"))["cmdstat_evalsha"]
    await store.aclose()
    per_scrape = f"{1000 * spent / SCRAPES:.1f} ms of processor, {1000 * wall / SCRAPES:.1f} ms in all"
    sys.stdout.write(f"scrape: {size} bytes, {per_scrape}, {stats['usec_per_call']:.0f} µs of Valkey\n")


def main() -> None:
    """Prints the cost of a message and of a scrape; starts a separate Valkey for the latter."""
    message()
    began = time.process_time()
    for _ in range(MESSAGES):
        message()
    sys.stdout.write(f"message: {1e6 * (time.process_time() - began) / MESSAGES:.1f} µs\n")
    with tempfile.TemporaryDirectory() as home:
        port, password = free_port(), "metrics"
        running = Running(valkey_part(Path(home), port, password))
        try:
            running.wait_healthy()
            asyncio.run(scrape(valkey_url(port, password)))
        finally:
            running.stop()


if __name__ == "__main__":
    main()
