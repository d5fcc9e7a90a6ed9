"""Defines the faults that outlast the longest leases: those of alarms (120 s), reminders (180 s) and agents (90 s).

The launcher kills its own bot after a minute without an answer. Therefore a second bot, which the launcher does not
watch, is stopped instead.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time

from redis.asyncio import Redis

from benchmarks.faulting.chaos import Broken, Fault, NotDone, Scene
from benchmarks.faulting.processes import local_ports
from benchmarks.faulting.second_bot import Second, second_bot
from bot.agency.desk_settings import DeskSettings
from bot.channels.whatsapp import reminder
from bot.handoff.alarms.alarms import LEASE_MS
from bot.store import keys

EMERGENCIES = 2
HELD_WITHIN_S, WANTED_EVERY_S, LOOK_EVERY_S = 120.0, 15.0, 0.05
STOPPED_S = max(LEASE_MS / 1000, reminder.LEASE_S) + 10.0
LATE_S = 45.0  # longer than the first pause before a failed alarm is repeated, plus a check for due alarms
BACK_WITHIN_S = 3 * DeskSettings().lease_s


async def stopped_with_an_alarm(scene: Scene, second: Second) -> str:
    """Stops the second bot while it sends an alarm, for longer than every lease, and rejects that mail afterwards.

    The first bot must take over the alarm, and the second bot, continued, must not repeat it: raises Broken otherwise,
    and NotDone if the second bot sent no alarm. The remark says whether another bot took over the reminders.
    """
    alarms = scene.alarms
    with alarms.holding():
        port = await _held_by(scene, second)
        ticket, alarms.turned_away = alarms.waiting[port], alarms.turned_away | {port}
        os.kill(second.pid, signal.SIGSTOP)
    alarms.is_left = True  # a claim would end the alarm
    try:
        reminds = await _holder_of_reminders(scene)
        await asyncio.sleep(STOPPED_S)
        took_over = await _holder_of_reminders(scene) not in {"", reminds}
    finally:
        os.kill(second.pid, signal.SIGCONT)
    try:
        arrived = alarms.mailed(ticket)
        if not arrived:
            raise Broken(f"nobody took over the alarm of emergency {ticket}")
        await asyncio.sleep(LATE_S)
        if alarms.mailed(ticket) > arrived:
            raise Broken(f"the alarm of emergency {ticket} was repeated by a bot that had lost it")
    finally:
        alarms.is_left = False
    return f"emergency {ticket}; reminders {'changed hands' if took_over else 'were not its own'}"


async def _held_by(scene: Scene, second: Second) -> int:
    """Waits until the mail server delays an alarm of the second bot about an emergency; returns the alarm's port.

    Raises NotDone if the second bot sends none within HELD_WITHIN_S times ``slower`` seconds.
    """
    alarms, deadline, wanted_at = scene.alarms, time.monotonic() + HELD_WITHIN_S * scene.system.slower, 0.0
    while time.monotonic() < deadline:
        if time.monotonic() > wanted_at:
            alarms.want_emergencies(EMERGENCIES)
            wanted_at = time.monotonic() + WANTED_EVERY_S
        own = await asyncio.to_thread(local_ports, second.pid)
        if port := next((one for one, ticket in list(alarms.waiting.items()) if ticket and one in own), 0):
            return port
        await asyncio.sleep(LOOK_EVERY_S)
    raise NotDone("the second bot sent no alarm")


async def _holder_of_reminders(scene: Scene) -> str:
    async with Redis.from_url(scene.system.noted()["REDIS_URL"], decode_responses=True) as redis:
        return str(await redis.get(keys.lease_key(reminder.LEASE)) or "")


async def _given_the_reminders(scene: Scene, starting: asyncio.Event) -> None:
    """Deletes the lease of the reminders until another process holds it or ``starting`` is set."""
    async with Redis.from_url(scene.system.noted()["REDIS_URL"], decode_responses=True) as redis:
        name = keys.lease_key(reminder.LEASE)
        holder = await redis.get(name)
        while not starting.is_set() and await redis.get(name) in {None, holder}:
            await redis.delete(name)
            await asyncio.sleep(LOOK_EVERY_S)


async def stop_second(scene: Scene) -> str:
    """Starts a second bot, which gets the lease of the reminders, and stops it while it sends an alarm."""
    started = asyncio.Event()
    giving = asyncio.create_task(_given_the_reminders(scene, started))
    try:
        async with second_bot(scene) as second:
            started.set()
            await giving
            return await stopped_with_an_alarm(scene, second)
    finally:
        giving.cancel()


async def browser_vanishes(scene: Scene) -> str:
    """Freezes the browser of an agent who attends citizens until all the agent's tickets have left the agent.

    Raises Broken if a ticket does not leave in time, and NotDone if no agent attends a citizen. Then the browser
    continues and sends late replies to these tickets, which the desk must refuse (``Desk.late``).
    """
    desk, deadline = scene.desk, time.monotonic() + HELD_WITHIN_S * scene.system.slower
    while not (name := next((one for one, tickets in desk.holding.items() if tickets), "")):
        if time.monotonic() > deadline:
            raise NotDone("no agent attended anybody")
        await asyncio.sleep(LOOK_EVERY_S)
    desk.vanished.add(name)
    await asyncio.sleep(2)  # until a look that had begun has ended
    tickets, began = desk.holding[name], time.monotonic()
    try:
        async with Redis.from_url(scene.system.noted()["REDIS_URL"], decode_responses=True) as redis:
            while still := [one for one in tickets if await redis.hget(keys.ticket_key(one), "owner_name") == name]:
                if time.monotonic() > began + BACK_WITHIN_S * scene.system.slower:
                    raise Broken(f"{name}, who is gone, still has {', '.join(still)}")
                await asyncio.sleep(1)
    finally:
        desk.vanished.discard(name)
    return f"{len(tickets)} tickets of {name} went back within {time.monotonic() - began:.0f} s"


LONG = (
    Fault("two bots, the second stopped for longer than all leases", frozenset({"bot"}), stop_second),
    Fault("an agent's browser gone for longer than its lease", frozenset(), browser_vanishes),
)
