"""Defines the faults of the network and of the clocks of the parts.

A cut separates two parts, the launcher from a part, or the bot from citizens, providers or receivers of alarms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from benchmarks.faulting.chaos import Broken, Fault, Scene
from benchmarks.faulting.clocks import set_clock
from benchmarks.faulting.network import Cut
from benchmarks.faulting.processes import LAUNCHER
from benchmarks.faulting.system import CLOCK, NETWORK, PARTS

CUT_S = 14.0  # longer than our timeouts of 10 s
ALARMS_CUT_S = 65.0  # alarms about spikes are sent once a minute, and a mail may take 15 s
JUMPED_S = 20.0
HOUR_S = 3600
CITIZENS, PROVIDERS, MAIL, WEBHOOK = "citizens", "providers", "mail", "webhook"
EMERGENCIES = 3  # more than needed: an emergency raises no alarm if an agent already attends the citizen
ADDRESSES = {"valkey": "REDIS_URL", "postgres": "DATABASE_URL", "rasa": "RASA_URL", "actions": "ACTIONS_URL"}
OUTSIDE_URLS = {
    PROVIDERS: ("TELEGRAM_API_URL", "TWILIO_API_URL"),
    MAIL: ("SMTP_URL",),
    WEBHOOK: ("ALARM_WEBHOOK_URL",),
}
# (client, server) pairs; the responses of the action server go back on the same connection.
LINKS = (
    ("bot", "valkey"),
    ("bot", "postgres"),
    ("bot", "rasa"),
    ("bot", "actions"),
    ("rasa", "actions"),
    ("rasa", "postgres"),
    ("bot", PROVIDERS),
    (CITIZENS, "bot"),
    *((LAUNCHER, part) for part in PARTS),  # the launcher's health checks
)
MAIN_LINKS = (("bot", "valkey"), ("bot", "postgres"), ("bot", "rasa"), ("rasa", "actions"))


def ports_of(scene: Scene, part: str) -> set[int]:
    """Returns the ports of a part, the providers or a receiver of alarms. Raises LookupError if it is unknown."""
    if part == "bot":
        return {scene.system.port}
    if part in OUTSIDE_URLS:
        urls = [scene.system.environment.get(name, "") for name in OUTSIDE_URLS[part]]
    else:
        urls = [scene.system.noted()[ADDRESSES[part]]]
    return {port for url in urls if (port := urlsplit(url).port)}


def cut(client: str, server: str, how: Cut) -> Fault:
    async def strike(scene: Scene) -> str:
        if scene.system.network is None:
            raise LookupError(NETWORK)
        part, before = "" if client == CITIZENS else client, scene.system.pids
        with scene.system.network.cut(part, ports_of(scene, server), how):
            await asyncio.sleep(CUT_S)
        if client == LAUNCHER and (again := changed(before, scene.system.pids)):
            raise Broken(f"started again although they run: {', '.join(again)}")
        return ""

    # A cut between the launcher and a part only hides the part's health.
    parts = frozenset({server} if client == LAUNCHER else {client, server})
    return Fault(f"network {how}: {client} to {server}", parts, strike, needs=NETWORK)


def cut_alarms(server: str, how: Cut) -> Fault:
    """Returns a fault that cuts the bot off from a receiver of alarms during emergencies and a spike."""

    async def strike(scene: Scene) -> str:
        if scene.system.network is None:
            raise LookupError(NETWORK)
        before = len(scene.alarms.delivered)
        with scene.system.network.cut("bot", ports_of(scene, server), how):
            await scene.alarms.raise_spike(scene.system.noted()["DATABASE_URL"])
            scene.alarms.want_emergencies(EMERGENCIES)
            await asyncio.sleep(ALARMS_CUT_S)
        return f"{len(scene.alarms.delivered) - before} alarms arrived during it"

    return Fault(f"network {how}: bot to {server}", frozenset({"bot", server}), strike, needs=NETWORK)


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Returns the parts whose process has ended or was replaced."""
    return [part for part, pid in before.items() if after.get(part) != pid]


def jump(parts: Collection[str], hours: int) -> Fault:
    async def strike(scene: Scene) -> str:
        folder = scene.system.clocks
        try:
            for part in parts:
                set_clock(folder, part, hours * HOUR_S)
            await asyncio.sleep(JUMPED_S)
        finally:
            for part in parts:
                set_clock(folder, part, 0)
        await asyncio.sleep(2)  # until the parts have noticed
        return ""

    whose = "all" if len(parts) > 1 else next(iter(parts))
    way = "ahead" if hours > 0 else "behind"
    return Fault(f"clock an hour {way}: {whose}", frozenset(parts), strike, needs=CLOCK)


CUTS = (
    *(cut(client, server, Cut.SILENT) for client, server in LINKS),
    *(cut(client, server, Cut.RESET) for client, server in MAIN_LINKS),
    *(cut(client, server, Cut.ANSWERS_LOST) for client, server in (*MAIN_LINKS, ("bot", PROVIDERS))),
    *(cut(client, server, Cut.LOSSY) for client, server in MAIN_LINKS),
    *(cut_alarms(server, how) for server in (MAIL, WEBHOOK) for how in (Cut.SILENT, Cut.ANSWERS_LOST)),
)
JUMPS = tuple(jump(parts, hours) for parts in (PARTS, ("bot",), ("valkey",)) for hours in (1, -1))
