"""Multiplies the normal traffic by TIMES, most of it the same question, and measures which replies citizens get.

Citizens arrive at a fixed rate, whether or not earlier ones have been answered. Each opens a conversation, asks one
question and waits for the first reply, at most until DRAIN_S seconds after the end of the burst.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.end_to_end.load import percentile_ms
from benchmarks.end_to_end.ours import OFFERED, SERVED, WORD, Ours, kind_of
from benchmarks.material import markdown
from tests.live_people import Event

NORMAL_RATE = 1.0  # messages per second
TIMES = 50
BURST_S = 120.0
ONE_QUESTION_SHARE = 0.8
ONE_QUESTION = "¿Cómo renuevo mi licencia de conducir?"
DRAIN_S = 900.0
SEED = 1
SHOWN_CHARACTERS = 100
REFUSED, LOST = "refused at the door", "no reply: lost"


@dataclass(frozen=True)
class FirstReply:
    """The result of one citizen: seconds from arrival and from sending until the first reply or the end of the wait.

    ``repeated`` is true if the citizen asked ONE_QUESTION. ``reply`` is None if none arrived; ``refused`` means that no
    conversation was opened, so nothing was sent.
    """

    since_arrival_s: float
    since_sending_s: float
    repeated: bool
    reply: Event | None
    refused: bool

    @property
    def kind(self) -> str:
        if self.refused:
            return REFUSED
        return LOST if self.reply is None else kind_of(self.reply)


@dataclass(frozen=True)
class Burst:
    """A measured burst: its duration in seconds, the result for each citizen, and the number of errors by code."""

    seconds: float
    replies: Sequence[FirstReply]
    errors: Counter[str]

    @property
    def lost(self) -> int:
        return sum(one.kind == LOST for one in self.replies)


async def burst(ours: Ours, questions: Sequence[str], seconds: float = BURST_S) -> Burst:
    """Lets TIMES * NORMAL_RATE citizens per second arrive for ``seconds``, and returns the results.

    Waits for the replies at most DRAIN_S seconds longer. Raises this process's limit of open files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    rng, begun, before = random.Random(SEED), time.perf_counter(), Counter(ours.errors)  # noqa: S311
    deadline, citizens = begun + seconds + DRAIN_S, list[asyncio.Task[FirstReply]]()
    for number in range(round(seconds * TIMES * NORMAL_RATE)):
        await asyncio.sleep(begun + number / (TIMES * NORMAL_RATE) - time.perf_counter())
        text = ONE_QUESTION if rng.random() < ONE_QUESTION_SHARE else rng.choice(questions)
        citizens.append(asyncio.create_task(_citizen(ours, text, deadline)))
    replies = await asyncio.gather(*citizens)
    return Burst(seconds, replies, ours.errors - before)


async def _citizen(ours: Ours, text: str, deadline: float) -> FirstReply:
    arrived, sent, reply = time.perf_counter(), None, None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(deadline - arrived), ours.opened(patience_s=None) as page:
            sent = time.perf_counter()
            await ours.ask(page, text, patience_s=None)
            reply = page.reply
    now = time.perf_counter()
    return FirstReply(now - arrived, now - (sent or arrived), text == ONE_QUESTION, reply, refused=sent is None)


def table(measured: Burst) -> str:
    """Renders how many citizens got each kind of first reply, and how soon; then the most frequent replies of WORD."""
    rows = []
    for kind in (SERVED, OFFERED, WORD, REFUSED, LOST):
        for repeated in (True, False):
            group = [one for one in measured.replies if one.kind == kind and one.repeated is repeated]
            if group:
                rows.append((kind, "the one question" if repeated else "other questions", *_figures(group)))
    rate = TIMES * NORMAL_RATE
    lines = [
        f"{rate:.0f} new citizens a second for {measured.seconds:.0f} s, {ONE_QUESTION_SHARE:.0%} with one question: "
        f"{len(measured.replies)} messages, {measured.lost} lost; passing errors: {dict(measured.errors) or 'none'}.",
        markdown(("", "asked", "citizens", "p50, s", "p95, s", "longest, s", "p95 since arrival, s"), rows),
        *_words(measured.replies),
    ]
    return "\n\n".join(lines)


def _figures(group: Sequence[FirstReply]) -> tuple[object, ...]:
    sent, arrived = sorted(one.since_sending_s for one in group), sorted(one.since_arrival_s for one in group)
    shown = (percentile_ms(sent, 0.5), percentile_ms(sent, 0.95), 1000 * sent[-1], percentile_ms(arrived, 0.95))
    return (len(group), *(f"{ms / 1000:.2f}" for ms in shown))


def _words(replies: Sequence[FirstReply]) -> list[str]:
    """Returns a line with the number of citizens for each of the five most frequent first replies of kind WORD."""
    words = Counter(str(one.reply["text"])[:SHOWN_CHARACTERS] for one in replies if one.kind == WORD and one.reply)
    return [f"- {count} x «{' '.join(text.split())}»" for text, count in words.most_common(5)]
