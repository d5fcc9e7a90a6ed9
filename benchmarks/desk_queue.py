"""Measures the desk's queue with 1,000 waiting tickets and 100 agents: ``python -m benchmarks.desk_queue``.

Starts a separate Valkey. Half of the agents claim the next ticket; the others pick one that several agents may be
picking at the same time. Checks that no ticket gets two owners.

First prints the time to read the whole list. Then each agent claims a ticket about every 1.5 s: prints the time of a
claim, and of its script within Valkey. Then all agents claim at the same instant: prints the time of a claim, and the
CPU time of all claims. At the end, prints the time until another connection receives the event of a claim.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from redis.asyncio import Redis

from bot.conversation.change import Change
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.core.errors.tickets import TicketTaken
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import Store, open_redis
from bot.store.keys import RESTORED
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets

WAITING, AGENTS = 1000, 100
PAUSE_S = (0.5, 2.5)
TEAMS = ("atencion", "obras", "social", "transito")
NOTICE = Reply("Te atiende {nombre}.")
TARGET_MS = 10
STORMS = 5


async def people_wait(redis: Store, count: int, name: str) -> None:
    inbox = Inbox(redis, partial(redis.set, RESTORED, 1), "s" * 40)  # there is no record to restore
    for number in range(count):
        message = CitizenMessage(f"{name}{number}", Channel.WEB, "m", "necesito ayuda", at=0)
        await inbox.accept(message)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team=TEAMS[number % len(TEAMS)])
        await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)


async def timed(times: list[float], step: Callable[[], Awaitable[object]]) -> object:
    began = time.perf_counter()
    answer = await step()
    times.append((time.perf_counter() - began) * 1000)
    return answer


async def agent_works(tickets: Tickets, number: int, times: list[float], got: list[str]) -> None:
    """Claims tickets until none is left; adds their ids to ``got`` and the milliseconds of the claims to ``times``.

    An agent with an even number claims the next ticket, any other agent one of the first five.
    """
    me, dice = StaffRef(f"a{number}", f"Agente {number}"), random.Random(number)  # noqa: S311
    while True:
        await asyncio.sleep(dice.uniform(*PAUSE_S))
        if number % 2 == 0:
            taken = await timed(times, lambda: tickets.claim_next(me, (), NOTICE))
            if taken is None:
                return
            got.append(taken.id)  # type: ignore[attr-defined]
        elif not await picked(tickets, me, dice, times, got):
            return


LISTED: list[str] = []  # ids of the unclaimed tickets in queue order, as every agent sees them


async def picked(tickets: Tickets, me: StaffRef, dice: random.Random, times: list[float], got: list[str]) -> bool:
    if not LISTED:
        return False
    ticket = dice.choice(LISTED[:5])
    try:
        await timed(times, lambda: tickets.claim(ticket, me, NOTICE))
        got.append(ticket)
    except TicketTaken:
        pass
    if ticket in LISTED:
        LISTED.remove(ticket)
    return True


async def until_received(redis: Store, tickets: Tickets, count: int) -> list[float]:
    """Claims ``count`` tickets one by one; returns the milliseconds until another connection receives each event."""
    live, times, me = Live(redis), [], StaffRef("a", "Agente")
    await live.start()
    async with live.subscribe(None) as events:
        arriving = events.__aiter__()
        for _ in range(count):
            began = time.perf_counter()
            await tickets.claim_next(me, (), NOTICE)
            while (await anext(arriving)).kind != "ticket_claimed":
                pass
            times.append((time.perf_counter() - began) * 1000)
    await live.stop()
    return times


async def claims_at_once(redis: Store, tickets: Tickets) -> None:
    """Prints the time of claims by all agents at the same instant, and the CPU time of Valkey and of this process.

    First adds WAITING tickets. CPU time depends less on the machine's load.
    """
    times: list[float] = []
    await people_wait(redis, WAITING, "s")
    valkey, here = await cpu_ms(redis), time.process_time()
    for _ in range(STORMS):
        staff = [StaffRef(f"a{number}", "A") for number in range(AGENTS)]
        await asyncio.gather(*(timed(times, partial(tickets.claim_next, one, (), NOTICE)) for one in staff))
    spent = (await cpu_ms(redis) - valkey) / STORMS, (time.process_time() - here) * 1000 / STORMS
    report("a claim, all 100 in the same instant", times)
    sys.stdout.write(f"of a core for these 100: Valkey {spent[0]:.1f} ms, the agents' side {spent[1]:.1f} ms\n")


async def cpu_ms(redis: Store) -> float:
    """Returns the CPU milliseconds used so far by Valkey's main thread."""
    used = await redis.info("cpu")
    return float(used["used_cpu_user_main_thread"] + used["used_cpu_sys_main_thread"]) * 1000


def report(what: str, times: list[float]) -> float:
    cuts = statistics.quantiles(times, n=100)
    shown = "   ".join(f"p{percent} {cuts[percent - 1]:6.2f} ms" for percent in (50, 95, 99))
    sys.stdout.write(f"{what:<46} n={len(times):<5} {shown}\n")
    return cuts[98]


async def measure(url: str) -> bool:
    redis = open_redis(url, "s" * 40)
    tickets, times, got = Tickets(redis), [], list[str]()
    await people_wait(redis, WAITING, "c")
    reading: list[float] = []
    for _ in range(20):
        await timed(reading, tickets.waiting)
    LISTED.extend(ticket.id for ticket in await tickets.waiting())
    report("the whole list of 1,000 is read", reading)
    await asyncio.gather(*(redis.ping() for _ in range(AGENTS)))  # opens the connections before measuring
    async with Redis.from_url(url) as client:
        await client.config_resetstat()
    await asyncio.gather(*(agent_works(tickets, number, times, got) for number in range(AGENTS)))
    p99 = report("a claim, 100 agents at work", times)
    alone = len(got) == len(set(got)) == WAITING
    owners = "each had one owner" if alone else "SOME HAD TWO OWNERS"
    sys.stdout.write(f"{len(got)} claims of {WAITING} tickets: {owners}\n")
    within = (await redis.info("latencystats"))["latency_percentiles_usec_evalsha"]
    sys.stdout.write(f"a script within Valkey, in microseconds: {within}\n")
    await claims_at_once(redis, tickets)
    report("until another page is told of a claim", await until_received(redis, tickets, 200))
    await redis.aclose()
    return alone and p99 < TARGET_MS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        server = Running(valkey_part(Path(folder), port, "benchmark"))
        server.wait_healthy()
        try:
            good = asyncio.run(measure(valkey_url(port, "benchmark")))
        finally:
            server.stop()
    sys.stdout.write(f"target (p99 of a claim under {TARGET_MS} ms, one owner each): {'met' if good else 'missed'}\n")


if __name__ == "__main__":
    main()
