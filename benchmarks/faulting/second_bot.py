"""Defines the faults of two bots on the same stores: a second bot starts, and one of the two is killed or stopped.

When the leases of a stopped bot end, the other bot takes over its work; later the stopped bot continues with the work
that it held.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from benchmarks.faulting.chaos import STOPPED_S, Broken, Fault, NotDone, Scene, send
from benchmarks.faulting.network import in_group
from bot.core.process import spawn
from bot.run.ports import LOOPBACK, free_port

HEALTHY_WITHIN_S, LOOK_EVERY_S, ANSWER_TIMEOUT_S = 300.0, 0.5, 5.0
WORKS_S = 6.0
SECOND_STOPPED_S = 25.0  # longer than the leases of 20 s: of Rasa's record and of alarms
ENDS_WITHIN_S = 30.0

Second = subprocess.Popen[bytes]


@asynccontextmanager
async def second_bot(scene: Scene) -> AsyncIterator[Second]:
    """Runs another bot, with the environment of the launcher's bot and other ports; yields it once it is healthy.

    Ends it with SIGTERM. Raises NotDone if there is no bot to copy or the second is not healthy in time, and Broken if
    it ends by itself.
    """
    system, pid, port = scene.system, scene.system.pid("bot"), free_port()
    if pid is None:
        raise NotDone("no bot was there")
    command = [sys.executable, "-m", "bot"]
    if system.network is not None:
        command = in_group(command, f"{system.network.groups}bot")
    ports = {"PORT": str(port), "METRICS_PORT": str(free_port())}
    second = spawn(command, log=system.home / "logs" / "second-bot.log", env=environment_of(pid) | ports)
    try:
        await _healthy(second, f"http://{LOOPBACK}:{port}/healthz", HEALTHY_WITHIN_S * system.slower)
        yield second
    finally:
        await asyncio.to_thread(_end, second)


def environment_of(pid: int) -> dict[str, str]:
    """Returns the environment variables with which a process was started."""
    facts = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(one.split("=", 1) for one in facts if "=" in one)


async def _healthy(second: Second, url: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    async with httpx.AsyncClient(timeout=ANSWER_TIMEOUT_S, verify=False) as client:  # noqa: S501  (plain HTTP)
        while time.monotonic() < deadline:
            if second.poll() is not None:
                raise Broken(f"the second bot ended with {second.returncode}")
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(LOOK_EVERY_S)
    raise NotDone("the second bot was not healthy in time")


def _end(second: Second) -> None:
    if second.poll() is None:
        second.send_signal(signal.SIGCONT)
        second.send_signal(signal.SIGTERM)
    try:
        second.wait(ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        second.kill()
        second.wait()


def two_bots(name: str, act: Callable[[Scene, Second], Awaitable[None]]) -> Fault:
    async def strike(scene: Scene) -> str:
        async with second_bot(scene) as second:
            await asyncio.sleep(WORKS_S)
            await act(scene, second)
        return ""

    return Fault(f"two bots, {name}", frozenset({"bot"}), strike)


async def kill_second(_scene: Scene, second: Second) -> None:
    second.kill()


async def kill_first(scene: Scene, _second: Second) -> None:
    """Kills the launcher's bot; the second one works alone until the launcher has restarted the first."""
    if not send(scene.system, "bot", signal.SIGKILL):
        raise NotDone("none was there")
    await asyncio.sleep(WORKS_S)


async def stop_in_turn(scene: Scene, second: Second) -> None:
    """Stops the second bot and then the first, each for longer than its leases, so that each takes over once."""
    first = scene.system.pid("bot")
    if first is None:
        raise NotDone("none was there")
    for pid, seconds in ((second.pid, SECOND_STOPPED_S), (first, STOPPED_S["bot"])):
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(WORKS_S)


TWO_BOTS = (
    two_bots("the second killed", kill_second),
    two_bots("the first killed", kill_first),
    two_bots("each stopped and continued", stop_in_turn),
)
