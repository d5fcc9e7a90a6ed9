"""Draws the training batches: two texts for each of many topics, some of which are similar to each other.

In training, a topic is an entry of the FAQ or an out-of-scope topic of the atlas, with all its texts. Training moves
the two texts of a topic closer to each other, and away from the texts of all other topics in the batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from bot.tuning.noise import noisy

NEIGHBOURS = 12
HARD_SHARE = 0.5
NOISE_SHARE = 0.5
WRITTEN_SHARE = 0.2  # probability that the second text is a title or passage of the answer, if the topic has any


@dataclass(frozen=True)
class OutOfScopeTopic:
    """A training topic of the FAQ or the atlas: citizens' utterances (``said``), the agency's texts (``written``)."""

    name: str
    said: tuple[str, ...]
    written: tuple[str, ...] = ()


def batches(
    out_of_scope_topics: Sequence[OutOfScopeTopic], near: NDArray[np.int64], *, size: int, seed: int
) -> Iterator[list[str]]:
    """Yields batches of 2 * ``size`` texts without end: first a text of each topic, then another text of each.

    The second half has the same order of topics. Row k of ``near`` has the indices of the topics most similar to topic
    k.
    """
    random = Random(seed)  # noqa: S311 - nothing secret
    pool: list[int] = []
    while True:
        chosen: dict[int, None] = {}
        while len(chosen) < size:
            if not pool:
                pool = list(range(len(out_of_scope_topics)))
                random.shuffle(pool)
            first = pool.pop()
            chosen[first] = None
            if random.random() < HARD_SHARE:
                others = [int(one) for one in near[first] if int(one) not in chosen]
                chosen |= dict.fromkeys(random.sample(others, min(2, len(others))))
        pairs = [_pair(out_of_scope_topics[one], random) for one in list(chosen)[:size]]
        yield [first for first, _ in pairs] + [second for _, second in pairs]


def _pair(out_of_scope_topic: OutOfScopeTopic, random: Random) -> tuple[str, str]:
    first, second = (
        random.sample(out_of_scope_topic.said, 2)
        if len(out_of_scope_topic.said) > 1
        else (out_of_scope_topic.said[0], out_of_scope_topic.said[0])
    )
    if out_of_scope_topic.written and random.random() < WRITTEN_SHARE:
        second = random.choice(out_of_scope_topic.written)
    return _spoilt(first, random), _spoilt(second, random)


def _spoilt(text: str, random: Random) -> str:
    return noisy(text, random) if random.random() < NOISE_SHARE else text


def neighbours(centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns a row per unit vector: the indices of the other vectors nearest to it, at most NEIGHBOURS, in order."""
    similarity = centres @ centres.T
    np.fill_diagonal(similarity, -1)
    nearest: NDArray[np.int64] = np.argsort(-similarity, axis=1)[:, : min(NEIGHBOURS, len(centres) - 1)]
    return nearest
