"""Defines the faults of processes, disks and providers, and causes a fault every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.faulting.agents import Desk
from benchmarks.faulting.alarms import Alarms
from benchmarks.faulting.providers import CALM, DEAF, STORM, Moods
from benchmarks.faulting.restarts import BOT, Restarts
from benchmarks.faulting.system import PARTS, System
from benchmarks.faulting.told import Struck

HEALTHY_WITHIN_S = 600.0
SERVICES = ("bot", "actions", "rasa")
# Each time is longer than the timeouts that depend on the part: leases of 5 to 10 s, answers of 10 s.
STOPPED_S = {"bot": 12.0, "actions": 13.0, "rasa": 13.0, "valkey": 8.0, "postgres": 13.0, "launcher": 9.0}


@dataclass
class Scene:
    """Contains what a fault uses: the system, the providers' behavior, random numbers, alarms and agents."""

    # ``lost``: (begin, end) pairs, in monotonic seconds, of times in which Valkey may lose acknowledged writes.
    # ``emptied``: Valkey has lost everything; ``unsent``: ids of the events that were in an outbox then.

    system: System
    providers: Sequence[Moods]
    rng: random.Random
    lost: list[tuple[float, float]] = field(default_factory=list)
    emptied: bool = False
    unsent: set[str] = field(default_factory=set)
    alarms: Alarms = field(default_factory=Alarms)
    desk: Desk = field(default_factory=Desk)


class Broken(Exception):
    """Raised by a fault that finds a broken promise."""


class NotDone(Exception):
    """Raised by a fault that could not be caused."""


Strike = Callable[[Scene], Awaitable[str]]


@dataclass(frozen=True)
class Fault:
    """A fault of ``parts``: ``strike`` causes it, undoes what the launcher does not repair, and returns a remark or ''.

    ``needs`` names the fault's precondition; '' if there is none.
    """

    name: str
    parts: frozenset[str]
    strike: Strike
    needs: str = ""


@dataclass
class Chaos:
    """Causes faults and records the seconds until the system is healthy again; ``tell`` logs a line."""

    scene: Scene
    tell: Callable[[str], None]
    struck: list[Struck] = field(default_factory=list)
    back_s: dict[str, list[float]] = field(default_factory=dict)
    not_back: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    restarts: Restarts = field(init=False)

    def __post_init__(self) -> None:
        self.restarts = Restarts(lambda: self.scene.system.pid(BOT), lambda: self.scene.system.silences(BOT))

    async def strike(self, fault: Fault) -> None:
        """Causes one fault, waits until the system is healthy again, and records the seconds that this took.

        Waits at most HEALTHY_WITHIN_S times ``slower`` seconds. Records also a broken promise (``broken``), a fault
        that could not be caused (``not_done``) and a system that was not healthy in time (``not_back``).
        """
        began = time.monotonic()
        self.tell(fault.name)
        try:
            remark = await fault.strike(self.scene)
        except Broken as error:
            remark = str(error)
            self.broken.append(f"{fault.name}: {remark}")
        except Exception as error:
            remark = f"could not be done: {type(error).__name__}: {error}"[:200]
            self.not_done.append(f"{fault.name}: {remark}")
        ended = time.monotonic()
        is_well = await self.scene.system.wait_healthy(HEALTHY_WITHIN_S * self.scene.system.slower)
        well = time.monotonic()
        self.struck.append(Struck(fault.name, began, ended, fault.parts, remark, well))
        if is_well:
            self.back_s.setdefault(fault.name, []).append(well - ended)
            self.tell(f"well again after {well - ended:.1f} s {remark}")
        else:
            self.not_back.append(fault.name)

    async def run(self, faults: Sequence[Fault], *, until: float, most: int, every_s: float) -> None:
        """Causes all ``faults`` in random order, repeatedly, until the time ``until`` or until ``most`` faults.

        ``until`` is in seconds of ``time.monotonic``. Waits ``every_s`` seconds before each fault.
        """
        order: list[Fault] = []
        while time.monotonic() < until and len(self.struck) < most:
            await asyncio.sleep(every_s)
            order = order or self.scene.rng.sample(faults, len(faults))
            await self.strike(order.pop())


def send(system: System, part: str, number: signal.Signals) -> bool:
    """Sends a signal to a part; returns False if the part is not running."""
    pid = system.pid(part)
    if pid is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    return True


def kill(*parts: str) -> Fault:
    async def strike(scene: Scene) -> str:
        there = [send(scene.system, part, signal.SIGKILL) for part in parts]
        if not any(there):
            raise NotDone("none was there")
        await asyncio.sleep(0.5)  # until the launcher notices; before that, the system still looks healthy
        return "" if all(there) else "some were not there"

    name = "all at once" if len(parts) > 1 else parts[0]
    return Fault(f"kill -9 {name}", frozenset(parts), strike)


def stop(*parts: str) -> Fault:
    async def strike(scene: Scene) -> str:
        pids = {part: scene.system.pid(part) for part in parts}
        stopped = [pid for pid in pids.values() if pid is not None]
        if not stopped:
            raise NotDone("none was there")
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(max(STOPPED_S[part] for part in parts))
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return ""

    name = "all at once" if len(parts) > 1 else parts[0]
    return Fault(f"stopped and continued: {name}", frozenset(parts), strike)


def disk_full(name: str, seconds: float = 15.0) -> Fault:
    async def strike(scene: Scene) -> str:
        disk = scene.system.disks[name]
        try:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                await asyncio.to_thread(disk.fill)  # repeatedly, since processes free space meanwhile
                await asyncio.sleep(0.5)
        finally:
            disk.free()
        return ""

    touched = frozenset({"logs": (), "files": (), "state": ("bot", *PARTS)}[name])
    return Fault(f"disk full: {name}", touched, strike, needs=name)


def providers(name: str, seconds: float) -> Fault:
    async def strike(scene: Scene) -> str:
        for one in scene.providers:
            one.weights = dict({"storm": STORM, "deaf": DEAF}[name])
        await asyncio.sleep(seconds)
        for one in scene.providers:
            one.weights = dict(CALM)
        return ""

    return Fault(f"providers: {name}", frozenset(), strike)


async def rolling_restart(scene: Scene) -> str:
    """Ends the services one after another with SIGTERM, waiting each time until the launcher has restarted the service.

    Stops and returns a remark if the system is not healthy within HEALTHY_WITHIN_S times ``slower`` seconds.
    """
    for part in SERVICES:
        send(scene.system, part, signal.SIGTERM)
        await asyncio.sleep(1)
        if not await scene.system.wait_healthy(HEALTHY_WITHIN_S * scene.system.slower):
            return f"not back after {part}"
    return ""


async def restart_launcher(scene: Scene) -> str:
    """Ends the launcher with SIGTERM; ``keep_running`` starts it again."""
    send(scene.system, "launcher", signal.SIGTERM)
    await asyncio.sleep(1)
    return ""


async def second_launcher(scene: Scene) -> str:
    """Starts a second launcher on the same folder. Raises Broken unless it refuses to run within 60 seconds."""
    other = scene.system.command("run", scene.system.folder / "second-launcher.log")
    try:
        async with asyncio.timeout(60):
            code = await asyncio.to_thread(other.wait)
    except TimeoutError:
        other.kill()
        raise Broken("it did not end by itself") from None
    if code <= 0:
        raise Broken(f"it ended with {code}")
    return ""


ROLLING = Fault("rolling restart", frozenset(SERVICES), rolling_restart)
RESTARTED = Fault("whole system restarted", frozenset({"launcher", *PARTS}), restart_launcher)
SECOND = Fault("two launchers on one folder", frozenset(), second_launcher)
