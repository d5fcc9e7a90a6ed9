"""Recognizes messages that may tell of a danger in words that no phrase of bot/crisis has.

A kernel ridge regression learns the sentences of data/danger: dangers of each kind, and sentences that only sound like
one. It compares texts by meaning and by letters. The background stands for ordinary messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.coefficients import RiskNumbers, tuned
from bot.faq.ranking.matrix import FeatureMatrix

BLOCK = 256
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Danger:
    """A possible danger: its likeliest kind, and a score of about 0 for ordinary messages and 1 for dangers."""

    kind: str
    score: float

    @property
    def sure(self) -> bool:
        """Tells whether the message is treated like an emergency phrase."""
        return self.score >= tuned().risk.sure

    def possible(self, *, despite_answer: bool) -> bool:
        """Tells whether the emergency number is shown; ``despite_answer``: above the answer of an entry."""
        numbers = tuned().risk
        possible = numbers.possible_of.get(self.kind, numbers.possible)
        return self.score >= (numbers.possible_despite_answer if despite_answer else possible)


class Dangers:
    """A classifier of dangers.

    ``kinds`` has the kind of each row of ``examples``, '' for a harmless sentence.
    """

    def __init__(self, examples: FeatureMatrix, kinds: Sequence[str], background: FeatureMatrix) -> None:
        self._names = sorted(set(kinds) - {""})
        if self._names and len(background):
            self._learn(examples, np.array(kinds), _sample(background, tuned().risk.background_texts))

    def judge(self, message: FeatureMatrix) -> Danger | None:
        """Judges a message, given as one row; None if there are no examples or no background."""
        if not hasattr(self, "_letters"):
            return None
        scores = _by_meaning(message.dense, self._dense) @ self._weights + message.letters @ self._letters
        of_kinds, any_kind = scores[0, :-1], scores[0, -1]
        return Danger(self._names[int(of_kinds.argmax())], float(any_kind))

    def _learn(self, examples: FeatureMatrix, kinds: NDArray[np.str_], background: FeatureMatrix) -> None:
        numbers = tuned().risk
        texts = FeatureMatrix.stacked([examples, background])
        target = np.zeros((len(texts), len(self._names) + 1), dtype=np.float32)
        for column, name in enumerate(self._names):
            target[: len(kinds), column] = kinds == name
        target[: len(kinds), -1] = kinds != ""
        self._weights = _solve(texts, _penalties(numbers, len(examples), len(background)), target)
        self._dense = texts.dense
        # The letters' part of the kernel is linear, so that one column per kind replaces all texts.
        self._letters: Scores = texts.letters.T @ self._weights


def _by_meaning(some: Vectors, others: Vectors) -> Scores:
    """Returns the Gaussian kernel of unit vectors: a row per vector of ``some``, a column per vector of ``others``."""
    similarity: Scores = np.exp(tuned().risk.sharpness * (some @ others.T - 1)).astype(np.float32)
    return similarity


def _solve(texts: FeatureMatrix, penalties: Scores, target: Scores) -> Scores:
    """Returns each text's weight in each column of ``target``. Takes seconds for some thousand texts."""
    kernel = texts.letter_similarity(texts)
    for start in range(0, len(texts), BLOCK):  # in place, since the kernel of 6,000 texts takes 144 MB
        rows = slice(start, start + BLOCK)
        kernel[rows] += _by_meaning(texts.dense[rows], texts.dense)
    kernel[np.diag_indices_from(kernel)] += penalties
    # The transpose of the symmetric kernel has LAPACK's order, so that it is not copied.
    weights: Scores = scipy.linalg.solve(kernel.T, target, assume_a="pos", overwrite_a=True, check_finite=False)
    return weights


def _penalties(numbers: RiskNumbers, examples: int, background: int) -> Scores:
    weights = np.repeat([1.0, numbers.background_weight], [examples, background])
    return (numbers.regularisation / weights).astype(np.float32)


def _sample(background: FeatureMatrix, most: int) -> FeatureMatrix:
    """Returns ``most`` random rows, the same for the same background."""
    rows = np.random.default_rng(0).permutation(len(background))[:most]
    return background[np.sort(rows)]
