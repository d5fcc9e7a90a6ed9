"""Defines faults of PostgreSQL and Valkey, and faults by editors: a changed entry, an invalid entry, a training."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

from benchmarks.faulting.chaos import Fault, Scene, send
from benchmarks.faulting.editors import WRITTEN
from bot.core.secrets.kept import kept_secret
from bot.run.postgres import postgres_url

HELD_S = 12.0
FULL_S = 40.0  # longer than a worker retries a turn before it hands the conversation off
TORN = b"*3\r\n$3\r\nSET\r\n$4\r\nv:xx\r\n$1000\r\nnever whole"
MANY_CONNECTIONS = 400
TRAINED_WITHIN_S = 400.0
EDITED = "\n\nTexto de prueba del editor."
BROKEN = "---\nid: [\npregunta: sin cerrar\n"


async def restart_postgres(scene: Scene) -> str:
    """Ends PostgreSQL with a fast shutdown (SIGINT); the launcher restarts it."""
    send(scene.system, "postgres", signal.SIGINT)
    await asyncio.sleep(1)
    return ""


async def no_connections(scene: Scene) -> str:
    """Opens PostgreSQL's remaining connections, at most MANY_CONNECTIONS, and holds them for HELD_S seconds."""
    held: list[psycopg.AsyncConnection] = []
    try:
        for _ in range(MANY_CONNECTIONS):
            held.append(await psycopg.AsyncConnection.connect(scene.system.noted()["DATABASE_URL"]))
    except psycopg.OperationalError:
        pass
    await asyncio.sleep(HELD_S)
    for one in held:
        await one.close()
    return f"{len(held)} taken"


async def read_only(scene: Scene) -> str:
    """Makes new transactions of PostgreSQL read-only for HELD_S seconds."""
    password = kept_secret(scene.system.home, "postgres")
    url = postgres_url(int(urlsplit(scene.system.noted()["DATABASE_URL"]).port or 0), password)  # the owner's
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        await connection.execute("SELECT pg_reload_conf()")
        try:
            await asyncio.sleep(HELD_S)
        finally:
            await connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            await connection.execute("SELECT pg_reload_conf()")
    return ""


async def valkey_full(scene: Scene) -> str:
    """Limits Valkey's memory for FULL_S seconds to less than it uses."""
    with redis.Redis.from_url(scene.system.noted()["REDIS_URL"], socket_timeout=10) as client:
        client.config_set("maxmemory", "1mb")
        try:
            await asyncio.sleep(FULL_S)
        finally:
            client.config_set("maxmemory", "0")
    return ""


@asynccontextmanager
async def valkey_down(scene: Scene) -> AsyncIterator[Path]:
    """Kills Valkey, yields the newest append-only file, and then lets the launcher restart Valkey."""
    send(scene.system, "launcher", signal.SIGSTOP)
    try:
        send(scene.system, "valkey", signal.SIGKILL)
        await asyncio.sleep(0.3)
        yield max((scene.system.home / "valkey").glob("appendonlydir/*.incr.aof"), key=os.path.getmtime)
    finally:
        send(scene.system, "launcher", signal.SIGCONT)
    await asyncio.sleep(1)


async def torn_file(scene: Scene) -> str:
    """Kills Valkey and appends half a command to its append-only file, as after a power cut."""
    async with valkey_down(scene) as path:
        with path.open("ab") as file:
            file.write(TORN)
    return path.name


def random_entry(scene: Scene) -> Path:
    """Draws an entry's file that the editor at the desk does not change."""
    files = sorted(scene.system.faq.rglob("*.md"))
    return scene.rng.choice([one for one in files if WRITTEN not in one.read_text(encoding="utf-8")])


async def edited_entry(scene: Scene) -> str:
    """Changes a random entry and undoes the change 4 s later."""
    path = random_entry(scene)
    before = path.read_text(encoding="utf-8")
    path.write_text(before + EDITED, encoding="utf-8")
    await asyncio.sleep(4)
    path.write_text(before, encoding="utf-8")
    return path.stem


async def broken_entry(scene: Scene) -> str:
    """Replaces a random entry with invalid YAML and restores it 6 s later."""
    path = random_entry(scene)
    before = path.read_text(encoding="utf-8")
    path.write_text(BROKEN, encoding="utf-8")
    await asyncio.sleep(6)
    path.write_text(before, encoding="utf-8")
    return path.stem


async def trained(scene: Scene) -> str:
    """Runs ``ventanilla train`` while citizens write.

    Returns a remark if it fails or exceeds TRAINED_WITHIN_S seconds.
    """
    training = scene.system.command("train", scene.system.folder / "train.log")
    try:
        async with asyncio.timeout(TRAINED_WITHIN_S):
            code = await asyncio.to_thread(training.wait)
    except TimeoutError:
        training.kill()
        return "not in time"
    return "" if code == 0 else f"it ended with {code}"


STORES = (
    Fault("PostgreSQL restarted", frozenset({"postgres"}), restart_postgres),
    Fault("PostgreSQL out of connections", frozenset({"postgres"}), no_connections),
    Fault("PostgreSQL read-only", frozenset({"postgres"}), read_only),
    Fault("Valkey has no memory left", frozenset({"valkey"}), valkey_full),
    Fault("Valkey killed, its file torn at the end", frozenset({"valkey"}), torn_file),
)
EDITORS = (
    Fault("an entry edited", frozenset(), edited_entry),
    Fault("an entry broken", frozenset(), broken_entry),
    Fault("trained under load", frozenset({"rasa"}), trained),
)
