"""Checks in the stores that each question was stored, answered and recorded once and in order."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from benchmarks.end_to_end.ours import Asked, Ours
from benchmarks.faulting.evidence import Evidence, read_record, read_redis, unfinished
from benchmarks.faulting.verdict import answered_twice
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.core.secrets.kept import kept_secret
from bot.store import keys
from tests.live_people import order

SETTLE_TIMEOUT_S = 120.0
TOLD_TIMEOUT_S = 300.0
LOOK_EVERY_S = 0.5
TRIMMED_FROM = 900  # events


async def settled(ours: Ours, timeout_s: float = SETTLE_TIMEOUT_S) -> dict[str, int]:
    """Waits at most ``timeout_s`` seconds until nothing is queued; returns the items left, as ``unfinished``."""
    url, deadline = ours.noted()["REDIS_URL"], time.monotonic() + timeout_s
    left = await asyncio.to_thread(unfinished, url)
    while left and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY_S)
        left = await asyncio.to_thread(unfinished, url)
    return left


async def told(ours: Ours, timeout_s: float = TOLD_TIMEOUT_S) -> int:
    """Waits at most ``timeout_s`` seconds until Rasa has all turns; returns the conversations whose turns it lacks.

    Rasa gets the turns of a conversation half a minute after its last message, so work for earlier conversations would
    count as the cost of later ones.
    """
    deadline = time.monotonic() + timeout_s
    left = ours.redis.zcard(keys.UNHEARD)
    while left and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY_S)
        left = ours.redis.zcard(keys.UNHEARD)
    return left


async def findings(ours: Ours) -> list[str]:
    """Waits at most SETTLE_TIMEOUT_S until nothing is queued; returns a line per fault and per kind of item left."""
    left, noted = await settled(ours), ours.noted()
    secret = kept_secret(ours.installation.home, "secret")
    found = await asyncio.to_thread(read_redis, noted["REDIS_URL"], secret)
    await read_record(found, noted["DATABASE_URL"], masters=ours.masters, of=ours.asked)
    return [*(f"left over: {what}: {count}" for what, count in left.items()), *faults(ours.asked, found)]


def faults(asked: Mapping[str, Asked], found: Evidence) -> list[str]:
    """Compares citizens' messages and answers with the event logs and the record; returns a line for each fault."""
    recorded = defaultdict[str, list[tuple[tuple[int, int], str]]](list)
    for row in found.rows:
        if row.author == Author.CITIZEN:
            recorded[row.conversation].append((order(row.event_id), row.text))
    return [
        f"{conversation[:8]}: {line}"
        for conversation, wrote in asked.items()
        for line in _of_one(
            wrote, found.logs.get(conversation, []), [text for _, text in sorted(recorded[conversation])]
        )
    ]


def _of_one(wrote: Asked, log: Sequence[Event], recorded: Sequence[str]) -> Iterator[str]:
    said = [event for event in log if event.kind is EventKind.MESSAGE]
    logged = [event.text for event in said if event.author is Author.CITIZEN]
    kept = len(logged) if len(log) >= TRIMMED_FROM else len(wrote.texts)  # the log of a long conversation is trimmed
    if logged != wrote.texts[-kept:]:
        yield "the event log differs from what was asked"
    if recorded != wrote.texts:
        yield "the record differs from what was asked"
    missing = len(wrote.texts) - wrote.answered
    if answered(said) < kept - missing:
        yield f"{answered(said)} answers in the event log, {kept - missing} received"
    for line in answered_twice(said):
        yield f"answered twice: {line}"


def answered(log: Sequence[Event]) -> int:
    """Counts the citizen's messages that are followed by a reply before the citizen's next message."""
    return sum(one.author is Author.CITIZEN and reply.author is not Author.CITIZEN for one, reply in pairwise(log))
