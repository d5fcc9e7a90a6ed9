"""Gives each unanswered message of a simulated town a meaning: a real utterance and its vector of the real encoder.

A town asks about MEANINGS topics of the catalogue of other bodies (data/atlas). Topics have unequal sizes, which vary
from day to day and between quarters of an hour. In an incident, different people ask the same question in different
words (new_matters.yml).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.settings import Settings
from bot.core.yaml import read_yaml_file
from bot.learning.backlog.grouping import Vectors
from bot.spikes.groups import Asked
from bot.spikes.history import DAY_MIN, UNKNOWN_ROW, History

MEANINGS = 400
DAY_SPREAD = 0.5
QUARTER_MIN = 15
FIRST_CITIZEN = 10**9  # number of the first citizen of an incident
Dice = np.random.Generator


@dataclass(frozen=True)
class Meanings:
    """The vectors of utterances: of each topic of the catalogue, and of each new matter."""

    topics: tuple[Vectors, ...]
    matters: tuple[Vectors, ...]

    @classmethod
    def load(cls, part: str) -> Meanings:
        """Loads the catalogue and the matters of a ``part`` of new_matters.yml. Raises EncoderMissing."""
        sys.path.insert(0, str(Path(__file__).parent))
        from material import Material

        material = Material.from_settings(Settings())
        vectorizer = material.vectorizer()
        matters = read_yaml_file(Path(__file__).with_name("new_matters.yml"))[part]
        utterances = [one.utterances for one in material.background.out_of_scope_topics]
        many = [*utterances, *matters.values()]
        vectors = np.float32(np.float16(vectorizer.vectors([text for texts in many for text in texts])))
        found = np.split(vectors, np.cumsum([len(texts) for texts in many])[:-1])
        return cls(tuple(found[: len(utterances)]), tuple(found[len(utterances) :]))

    def asked(self, dice: Dice, history: History, burst: float) -> Asked:
        """Gives each unanswered message of ``history`` a meaning and a new citizen.

        ``burst`` is the variation between quarters of an hour (standard deviation over mean).
        """
        chosen = dice.choice(len(self.topics), MEANINGS, replace=False)
        sizes, minutes, vectors = 1 / np.arange(2, MEANINGS + 2), [], []
        for start in range(0, history.counts.shape[1], QUARTER_MIN):
            if start % DAY_MIN == 0:
                today = sizes * dice.lognormal(0, DAY_SPREAD, MEANINGS)
            counts = history.counts[UNKNOWN_ROW, start : start + QUARTER_MIN]
            weights = today * dice.gamma(1 / burst**2, burst**2, MEANINGS)
            for topic in chosen[dice.choice(MEANINGS, counts.sum(), p=weights / weights.sum())]:
                vectors.append(self.topics[topic][dice.integers(len(self.topics[topic]))])
            minutes.append(np.repeat(np.arange(start, start + QUARTER_MIN), counts))
        every = np.concatenate(minutes)
        return Asked(every, np.arange(len(every)), np.stack(vectors))

    def with_matter(self, dice: Dice, asked: Asked, arrivals: NDArray[np.intp]) -> Asked:
        """Adds people who ask about a new matter at the minutes ``arrivals``; utterances repeat when all are used."""
        matter = self.matters[int(dice.integers(len(self.matters)))]
        rounds = -(-len(arrivals) // len(matter))
        words = np.concatenate([dice.permutation(len(matter)) for _ in range(rounds)])[: len(arrivals)]
        minutes = np.concatenate([asked.minutes, arrivals])
        citizens = np.concatenate([asked.citizens, FIRST_CITIZEN + np.arange(len(arrivals))])
        order = np.argsort(minutes, kind="stable")
        return Asked(minutes[order], citizens[order], np.vstack([asked.vectors, matter[words]])[order])
