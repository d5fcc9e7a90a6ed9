"""Measures the cost of a conversation of a thousand messages, of a long queue and of a record of a million messages.

The limits of messages and characters per minute do not apply to the long conversation: their counters are deleted
before each message. The limit of frames of a connection is not reached, since the page connects again in between.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.desk_queue import people_wait
from benchmarks.end_to_end.checks import settled, told
from benchmarks.end_to_end.load import CLIENT, used
from benchmarks.end_to_end.ours import Ours, Page
from benchmarks.end_to_end.recorded import fill
from benchmarks.end_to_end.report import progress
from benchmarks.material import markdown
from bot.core.messages import Speaker
from bot.core.secrets.kept import kept_secret
from bot.store.client import open_redis
from bot.store.keys import uses_key
from tests.acceptance.people import Agent

LONG, BLOCK = 1_000, 50
SHORT = 5  # messages of a short conversation, after which the dialogue that is remembered is full
CONNECTION = 100  # messages of a connection, of at most 120 frames a minute
WAITING, RECORDED = 10_000, 1_000_000
WAITING_RECORDED_S = 600.0  # timeout for recording those who wait
CLAIMS, LOOKS = 20, 10
TARGET = 1.2
COMMON, RARE, NONE = "licencia de conducir", "patente zanahoria", "xilófono"


@dataclass(frozen=True)
class Cost:
    """Median milliseconds until the answer to a message, and each part's processor milliseconds per message."""

    median_ms: float
    processor_ms: Mapping[str, float]

    def figures(self) -> dict[str, float]:
        """Returns all numbers, keyed by name, including the sum over the parts."""
        parts = {f"processor, ms: {part}": ms for part, ms in self.processor_ms.items()}
        return {"until the answer, ms": self.median_ms, "processor, ms": sum(self.processor_ms.values())} | parts


async def short_and_long(ours: Ours, questions: Sequence[str], count: int = LONG) -> tuple[Cost, Cost, Cost]:
    """Returns the cost of a conversation's first message, of its message SHORT, and of one of the last of ``count``.

    Each is measured on BLOCK messages, the first two in as many conversations. A first message costs less than any
    later one, which may refer to what was said. Raises RuntimeError if a conversation is handed off, or if Rasa does
    not take turns.
    """
    safe = await _answered(ours, questions)
    async with ours.opened() as page, ours.opened() as other:
        for number in range(count - 2 * BLOCK):
            if number % CONNECTION == CONNECTION - 1:
                await page.reconnect()
            await _ask(ours, page, safe[number % len(safe)])
        texts = [safe[number % len(safe)] for number in range(BLOCK)]
        pages = [ours.opened() for _ in range(BLOCK)]
        opened = [await one.__aenter__() for one in pages]
        try:
            asked, in_long = list(zip(opened, texts, strict=True)), [(page, text) for text in texts]
            first = await _cost(ours, [(other, text) for text in texts], asked)
            short = await _cost(ours, asked * (SHORT - 2), asked)
            await page.reconnect()
            last = await _cost(ours, in_long, in_long)
        finally:
            for one in pages:
                await one.__aexit__(None, None, None)
    return first, short, last


async def _answered(ours: Ours, questions: Sequence[str]) -> list[str]:
    """Asks each question in a new conversation and returns those that an entry answers without a handoff."""
    found = []
    for text in questions:
        async with ours.opened() as page:
            await ours.ask(page, text)
            if page.reply and page.reply.get("source") and page.speaker == Speaker.ASSISTANT:
                found.append(text)
    return found


async def _cost(ours: Ours, before: Sequence[tuple[Page, str]], asked: Sequence[tuple[Page, str]]) -> Cost:
    """Measures the messages ``asked`` once Rasa has all turns and the messages ``before`` were answered.

    Rasa gets no turns meanwhile. The texts of ``before`` should be those of ``asked``: what is known of a text is kept
    for five minutes only, and to judge it again takes longer than all the rest.
    """
    if left := await told(ours):
        raise RuntimeError(f"Rasa lacks turns of {left} conversations")
    for page, text in before:
        await _ask(ours, page, text)
    await settled(ours)
    begun, times = used(ours.pids), []
    for page, text in asked:
        times.append(await _ask(ours, page, text))
    after = used(ours.pids)
    spent = {part: 1000 * (after[part] - begun[part]) / len(times) for part in begun if part != CLIENT}
    return Cost(1000 * statistics.median(times), spent)


async def _ask(ours: Ours, page: Page, text: str) -> float:
    for counter in ours.redis.scan_iter(uses_key("*"), count=10_000):
        ours.redis.delete(counter)
    seconds = await ours.ask(page, text)
    if seconds is None:
        raise RuntimeError("the long conversation was handed over")
    return seconds


async def desk(
    ours: Ours, questions: Sequence[str], answers: Sequence[str], *, waiting: int, recorded: int
) -> list[tuple[str, ...]]:
    """Fills the queue, then the record with ``questions`` and ``answers``.

    Returns rows of median milliseconds: before, with the full queue, and with the full record, too. Takes minutes.
    """
    agent = await asyncio.to_thread(Agent, ours.installation.url, *ours.installation.administrator)
    before = await _looks(ours, agent, questions)
    redis = open_redis(ours.noted()["REDIS_URL"], kept_secret(ours.installation.home, "secret"))
    await people_wait(redis, waiting, "espera")
    await redis.aclose()
    await settled(ours, WAITING_RECORDED_S)
    progress("they wait")
    queued = await _looks(ours, agent, questions)
    await fill(ours.owned_database, ours.masters, recorded, asked=questions, said=answers)
    progress("they are recorded")
    full = await _looks(ours, agent, questions)
    agent.close()
    return [(what, *(f"{one[what]:.0f}" for one in (before, queued, full))) for what in before]


async def _looks(ours: Ours, agent: Agent, questions: Sequence[str]) -> dict[str, float]:
    """Returns the median milliseconds of each of the desk's requests and of an answer to a citizen."""
    pages = {
        "the list of tickets": "/desk/api/tickets",
        "the day's figures": "/desk/api/day",
        "ratings": "/desk/opiniones",
        "missing entries": "/desk/faltantes",
        "audit": "/desk/auditoria",
    }
    found = {what: await _median_ms(lambda path=path: agent.get(path)) for what, path in pages.items()}
    for what, words in {"common words": COMMON, "rare words": RARE, "nothing found": NONE}.items():
        asked = {"words": words}
        found[f"search, {what}"] = await _median_ms(lambda asked=asked: agent.send("/desk/api/search", asked))
    found["claiming the next ticket"] = await _median_ms(agent.claim_next, CLAIMS)
    times = []
    for text in questions[:BLOCK]:
        async with ours.opened() as page:
            times.append(await ours.ask(page, text) or 0.0)
    return found | {"a citizen's answer": 1000 * statistics.median(times)}


async def _median_ms(act: Callable[[], object], times: int = LOOKS) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        await asyncio.to_thread(act)
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)


def table(costs: Sequence[Cost], rows: Sequence[tuple[str, ...]], *, long: int, waiting: int, recorded: int) -> str:
    """Renders a table of the cost in a long conversation, and one of the desk's response times."""
    first, short, last = (cost.figures() for cost in costs)
    figures = [
        (
            what,
            *(f"{one[what]:.1f}" for one in (first, short, last)),
            _ratio(last[what], first[what]),
            _ratio(last[what], ms),
        )
        for what, ms in short.items()
    ]
    heads = (
        "a message",
        "the 1st",
        f"the {SHORT}th",
        f"the {long:,}th",
        "to the 1st",
        f"to the {SHORT}th (at most {TARGET})",
    )
    columns = ("median, ms", "empty", f"{waiting:,} waiting", f"and {recorded:,} messages recorded")
    return "\n\n".join([markdown(heads, figures), markdown(columns, rows)])


def _ratio(last: float, first: float) -> str:
    return f"{last / first:.2f}" if first else ""
