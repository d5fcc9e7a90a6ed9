"""Measures a bot process with many WebSockets: ``python benchmarks/sockets.py [SOCKETS...]``.

Measures each number of SOCKETS (by default 2,000 and 5,000, at most MAX_SOCKETS). Starts a bot on 127.0.0.1 with real
Valkey and PostgreSQL, and with a stub instead of Rasa, since Rasa would be the bottleneck. Each socket is a citizen
with a different address who opens a chat and stays connected; then random citizens send RATE messages per second for
TRAFFIC_S. Prints the rows of a Markdown table with these columns: sockets; seconds until all are open; ms from
connecting to the welcome; memory of the bot in MB, before, idle and after; its share of a core, idle and busy; ms from
sending to the acknowledgement; ms from sending to the answer; missing answers; connections to Valkey; errors. Each time
in ms is given as 50th, 95th and 99th percentile.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from benchmarks.faulting.processes import processor_s
from benchmarks.own_postgres import own_postgres
from bot.run.part import Running
from tests.bot_process import BotProcess, bot_process

SIZES = (2_000, 5_000)
MAX_SOCKETS = 10_000
DIALLING = 200
RATE = 50
TRAFFIC_S = 20.0
IDLE_S = 10.0
ANSWER_S = 10.0
QUESTION = "¿Cómo renuevo mi licencia de conducir si vence este mes?"


@dataclass
class Citizen:
    """An open chat; ``waiting`` is when its unanswered message was sent (``time.perf_counter``), or 0 if none is."""

    socket: ClientConnection
    waiting: float = 0.0


@dataclass
class Measured:
    """Measured times in seconds, and the number of errors by kind."""

    welcomes: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    sent: int = 0


def percentiles(seconds: Iterable[float]) -> str:
    """Formats the 50th, 95th and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return "-"
    return " / ".join(
        f"{1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.0f}" for share in (0.5, 0.95, 0.99)
    )


def memory_mb(bot: Running) -> float:
    status = Path(f"/proc/{bot.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def cpu_s(bot: Running) -> float:
    return processor_s(bot.process.pid)


async def dial(url: str, number: int, measured: Measured, gate: asyncio.Semaphore) -> Citizen | None:
    async with gate:
        begun = time.perf_counter()
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        try:
            socket = await connect(url, additional_headers={"X-Forwarded-For": address}, open_timeout=30)
            await socket.send('{"type": "hello"}')
            async with asyncio.timeout(30):
                while (told := json.loads(await socket.recv()))["type"] != "welcome":
                    measured.errors[told.get("code", told["type"])] += 1
                    if told["type"] == "error":
                        return None
        except (OSError, WebSocketException, TimeoutError) as error:
            measured.errors[type(error).__name__] += 1
            return None
        measured.welcomes.append(time.perf_counter() - begun)
        return Citizen(socket)


async def listen(citizen: Citizen, measured: Measured) -> None:
    try:
        async for line in citizen.socket:
            told = json.loads(line)
            since = time.perf_counter() - citizen.waiting
            if told["type"] == "ack":
                measured.acks.append(since)
            elif told["type"] == "error":
                measured.errors[told["code"]] += 1
                citizen.waiting = 0.0
            elif told.get("author") == "assistant" and citizen.waiting:
                measured.answers.append(since)
                citizen.waiting = 0.0
        measured.errors["closed"] += 1
    except WebSocketException as error:
        measured.errors[type(error).__name__] += 1


async def talk(citizens: list[Citizen], measured: Measured) -> None:
    begun = time.perf_counter()
    while (passed := time.perf_counter() - begun) < TRAFFIC_S:
        while measured.sent < passed * RATE:
            citizen = random.choice([one for one in citizens if not one.waiting] or citizens)  # noqa: S311
            citizen.waiting = time.perf_counter()
            measured.sent += 1
            message = {"type": "message", "id": f"message-{measured.sent:06}", "text": QUESTION}
            await citizen.socket.send(json.dumps(message))
        await asyncio.sleep(0.005)
    for _ in range(int(ANSWER_S / 0.05)):
        if not any(one.waiting for one in citizens):
            return
        await asyncio.sleep(0.05)


async def measure(running: BotProcess, sockets: int) -> str:
    measured, gate, before = Measured(), asyncio.Semaphore(DIALLING), memory_mb(running.bot)
    url = running.url.replace("http", "ws") + "/api/chat/socket"
    begun = time.perf_counter()
    dialled = await asyncio.gather(*(dial(url, number, measured, gate) for number in range(sockets)))
    opened_s = time.perf_counter() - begun
    citizens = [one for one in dialled if one]
    listening = [asyncio.create_task(listen(one, measured)) for one in citizens]
    await asyncio.sleep(2)
    idle_mb, idle = memory_mb(running.bot), cpu_s(running.bot)
    await asyncio.sleep(IDLE_S)
    idle = (cpu_s(running.bot) - idle) / IDLE_S
    busy, begun = cpu_s(running.bot), time.perf_counter()
    await talk(citizens, measured)
    busy = (cpu_s(running.bot) - busy) / (time.perf_counter() - begun)
    with redis.Redis.from_url(running.redis_url) as client:
        connections = client.info("clients")["connected_clients"] - 1
    row = (
        f"| {sockets:,} | {opened_s:.1f} s | {percentiles(measured.welcomes)} | {before:.0f} → {idle_mb:.0f} → "
        f"{memory_mb(running.bot):.0f} MB | {idle:.0%} / {busy:.0%} | {percentiles(measured.acks)} | "
        f"{percentiles(measured.answers)} | {measured.sent - len(measured.answers)} of {measured.sent} | "
        f"{connections} | {dict(measured.errors) or 'none'} |"
    )
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    await asyncio.gather(*(one.socket.close() for one in citizens), return_exceptions=True)
    return row


def main(sizes: list[int]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"files a process may have open: {soft:,}, at most {hard:,}")  # noqa: T201
    for size in sizes:
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            home = Path(folder)
            with own_postgres(home) as postgres, bot_process(home, postgres.url) as running:
                print(asyncio.run(measure(running, min(size, MAX_SOCKETS))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
