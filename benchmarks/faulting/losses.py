"""Defines the faults of a disk that loses data that Valkey had synced: its file is truncated or damaged."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import redis

from benchmarks.faulting.chaos import Broken, Fault, NotDone, Scene, send
from benchmarks.faulting.stores import valkey_down
from benchmarks.faulting.system import LYING, PARTS
from bot.store import keys

CUT_BYTES = (100, 1500)
BLOCK_BYTES = 4096
REFUSED = b"Bad file format reading the append only file"
WITHIN_S, LOOK_EVERY_S = 60.0, 0.05


async def cut_file(scene: Scene) -> str:
    """Kills Valkey and cuts the end off its append-only file, which then ends in half a command."""
    began = time.monotonic()
    async with valkey_down(scene) as path:
        size = path.stat().st_size
        lost = min(scene.rng.randint(*CUT_BYTES), size)
        os.truncate(path, size - lost)
        scene.lost.append((began, time.monotonic()))
    return f"{lost} of {size} bytes"


async def damaged_file(scene: Scene) -> str:
    """Kills Valkey, overwrites a block in the middle of its file, and moves the file aside, as docs/operations.md says.

    All data in Redis is lost and restored from the record. Raises Broken if Valkey starts from the damaged file, and
    NotDone if Valkey does not report that it refuses the file.
    """
    began, log = time.monotonic(), scene.system.home / "logs" / "valkey.log"
    said = log.stat().st_size
    unsent, unrecorded_s = await asyncio.to_thread(_only_in_valkey, scene.system.noted()["REDIS_URL"])
    scene.unsent |= unsent
    async with valkey_down(scene) as path:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(size // 2)
            file.write(bytes(min(BLOCK_BYTES, size // 2)))
    deadline = time.monotonic() + WITHIN_S * scene.system.slower
    while REFUSED not in log.read_bytes()[said:]:
        if await scene.system.healthy():
            raise Broken("Valkey started from a damaged file")
        if time.monotonic() > deadline:
            raise NotDone("Valkey did not say that it refuses its file")
        await asyncio.sleep(LOOK_EVERY_S)
    await _move_aside(scene, path.parent)
    scene.lost.append((began - unrecorded_s, time.monotonic()))
    scene.emptied = True
    return f"block at {size // 2} of {size} bytes; the recorder was {unrecorded_s:.1f} s behind"


async def _move_aside(scene: Scene, files: Path) -> None:
    """Stops the system and moves Valkey's files aside; ``keep_running`` starts the system again."""
    launcher = scene.system.launcher
    send(scene.system, "launcher", signal.SIGTERM)
    if launcher is not None:
        await asyncio.to_thread(launcher.wait)
    await asyncio.to_thread(files.rename, files.with_name(f"damaged-{time.monotonic_ns()}"))
    await asyncio.sleep(1)


def _only_in_valkey(url: str) -> tuple[set[str], float]:
    """Returns the ids of the events that wait in an outbox, and by how many seconds the recorder is behind."""
    with redis.Redis.from_url(url, decode_responses=True, socket_timeout=WITHIN_S) as client:
        outboxes = client.scan_iter(keys.outbox_key("*"))
        unsent = {json.loads(line)["id"] for name in outboxes for line in client.lrange(name, 0, -1)}
        read = {one["name"]: one["last-delivered-id"] for one in client.xinfo_groups(keys.EVENTS)}
        unread = client.xrange(keys.EVENTS, min=f"({read.get(keys.RECORDER, '0')}", count=1)
        pending = client.xpending(keys.EVENTS, keys.RECORDER)["min"]
        waiting = [int(id.partition("-")[0]) / 1000 for id in (pending, *(id for id, _ in unread)) if id]
        seconds, microseconds = client.time()
    return unsent, seconds + microseconds / 1e6 - min(waiting) if waiting else 0.0


LOSSES = (
    Fault("Valkey killed, the end of its file cut off", frozenset({"valkey"}), cut_file, needs=LYING),
    Fault("Valkey killed, its file damaged in the middle", frozenset({"launcher", *PARTS}), damaged_file, needs=LYING),
)
