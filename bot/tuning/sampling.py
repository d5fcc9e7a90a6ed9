"""Draws the training batches: two texts for each of many topics, some of which are similar to each other.

A topic is an entry of the FAQ, a topic of the atlas or a request to an invented agency, with its training texts.
Training moves the two texts of a topic closer to each other, and away from the texts of all other topics in the batch.
Most of a batch comes from two invented agencies, whose requests are the hardest to distinguish. Topics with
counterexamples are drawn more often, and a batch ends with some counterexamples of its topics.
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
AGENCY_SHARE = 0.35  # share of a batch's topics that comes from each of AGENCIES_A_BATCH agencies
AGENCIES_A_BATCH = 2
NOISE_SHARE = 0.4
DENYING_SHARE = 0.12  # share of a batch's topics that have counterexamples, if there are such topics
DENIED_OF_TOPIC = 2  # maximum number of counterexamples of each such topic in a batch
DENIED_OF_REQUEST = 1  # maximum number of counterexamples of each request to an agency in a batch
WRITTEN_SHARE = 0.3  # probability that the second text is a title or passage of the answer, if the topic has any


@dataclass(frozen=True)
class TrainingTopic:
    """A topic with its training texts: citizens' utterances (``said``) and the agency's own texts (``written``).

    ``denied`` are the topic's counterexamples.
    """

    name: str
    said: tuple[str, ...]
    written: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def batches(
    topics: Sequence[TrainingTopic],
    near: NDArray[np.int64],
    *,
    size: int,
    seed: int,
    agencies: Sequence[Sequence[TrainingTopic]] = (),
) -> Iterator[list[str]]:
    """Yields batches without end: a text of each of ``size`` topics, another text of each, then counterexamples.

    The second texts have the order of the first ones. ``size`` must not exceed the number of ``topics``. Row k of
    ``near`` contains the indices of the topics most similar to topic k.
    """
    random = Random(seed)  # noqa: S311 - nothing secret
    pool: list[int] = []
    denying = [number for number, topic in enumerate(topics) if topic.denied]
    asked: list[Sequence[TrainingTopic]] = []
    while True:
        of_agencies: list[TrainingTopic] = []
        for _ in range(min(AGENCIES_A_BATCH, len(agencies))):
            if not asked:
                asked = random.sample(agencies, len(agencies))
            requests = asked.pop()
            of_agencies += random.sample(requests, min(int(size * AGENCY_SHARE), len(requests)))
        chosen = dict.fromkeys(random.sample(denying, min(int(size * DENYING_SHARE), len(denying))))
        while len(chosen) < size - len(of_agencies):
            if not pool:
                pool = list(range(len(topics)))
                random.shuffle(pool)
            first = pool.pop()
            chosen[first] = None
            if random.random() < HARD_SHARE:
                others = [int(one) for one in near[first] if int(one) not in chosen]
                chosen |= dict.fromkeys(random.sample(others, min(2, len(others))))
        drawn = [topics[one] for one in list(chosen)[: size - len(of_agencies)]]
        pairs = [_pair(topic, random) for topic in (*drawn, *of_agencies)]
        denied = [*_denied(drawn, DENIED_OF_TOPIC, random), *_denied(of_agencies, DENIED_OF_REQUEST, random)]
        yield [first for first, _ in pairs] + [second for _, second in pairs] + denied


def _pair(topic: TrainingTopic, random: Random) -> tuple[str, str]:
    first, second = random.sample(topic.said, 2) if len(topic.said) > 1 else (topic.said[0], topic.said[0])
    if topic.written and random.random() < WRITTEN_SHARE:
        second = random.choice(topic.written)
    return _spoilt(first, random), _spoilt(second, random)


def _denied(topics: Sequence[TrainingTopic], most: int, random: Random) -> Iterator[str]:
    for topic in topics:
        for text in random.sample(topic.denied, min(most, len(topic.denied))):
            yield _spoilt(text, random)


def _spoilt(text: str, random: Random) -> str:
    return noisy(text, random) if random.random() < NOISE_SHARE else text


def neighbours(centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns a row per unit vector: the indices of at most NEIGHBOURS other vectors, nearest first."""
    similarity = centres @ centres.T
    np.fill_diagonal(similarity, -1)
    nearest: NDArray[np.int64] = np.argsort(-similarity, axis=1)[:, : min(NEIGHBOURS, len(centres) - 1)]
    return nearest
