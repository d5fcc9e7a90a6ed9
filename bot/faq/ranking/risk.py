"""Recognizes messages that may describe a danger without using an emergency phrase of bot/crisis.

A kernel ridge regression learns from the sentences of data/danger, which are dangers of each kind and harmless
sentences that sound similar. It compares texts by meaning and by letters. The background represents ordinary messages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import BadZipFile

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bot.core.logs import log
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.coefficients import RiskNumbers, tuned
from bot.faq.ranking.matrix import FeatureMatrix

BLOCK = 256
PREFIX, SUFFIX = "danger-", ".npz"  # of the name of the file, in the home folder, with the trained classifier
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Danger:
    """The likeliest kind of danger in a message, and a score: about 0 for ordinary messages, about 1 for dangers."""

    kind: str
    score: float

    @property
    def sure(self) -> bool:
        """Returns whether the message must be treated as if it contained an emergency phrase."""
        return self.score >= tuned().risk.sure

    def possible(self, *, despite_answer: bool) -> bool:
        """Returns whether to show the emergency number; ``despite_answer`` is True if an entry answers the message."""
        numbers = tuned().risk
        possible = numbers.possible_of.get(self.kind, numbers.possible)
        return self.score >= (numbers.possible_despite_answer if despite_answer else possible)


@dataclass(frozen=True)
class Dangers:
    """A trained classifier: the learnt texts, and the weights of each text and of each letter n-gram.

    ``weights`` and ``letters`` have a column for each kind in ``names``, and a last one for any danger. Without
    ``names``, it recognizes no danger.
    """

    names: tuple[str, ...]
    dense: Vectors
    weights: Scores
    letters: Scores

    def judge(self, message: FeatureMatrix) -> Danger | None:
        """Classifies a message, given as a single row; None if nothing was learnt."""
        if not self.names:
            return None
        scores = _by_meaning(message.dense, self.dense) @ self.weights + message.letters @ self.letters
        of_kinds, any_kind = scores[0, :-1], scores[0, -1]
        return Danger(self.names[int(of_kinds.argmax())], float(any_kind))


_NOTHING = np.zeros((0, 0), dtype=np.float32)
NO_DANGERS = Dangers((), _NOTHING, _NOTHING, _NOTHING)


def learn(examples: FeatureMatrix, kinds: Sequence[str], background: FeatureMatrix) -> Dangers:
    """Trains the classifier, which takes seconds. ``kinds`` has the kind of each example, '' for a harmless one."""
    names = tuple(sorted(set(kinds) - {""}))
    if not names or not len(background):
        return NO_DANGERS
    numbers = tuned().risk
    ordinary = _sample(background, numbers.background_texts)
    texts = FeatureMatrix.stacked([examples, ordinary])
    target = np.zeros((len(texts), len(names) + 1), dtype=np.float32)
    for column, name in enumerate(names):
        target[: len(kinds), column] = np.array(kinds) == name
    target[: len(kinds), -1] = np.array(kinds) != ""
    weights = _solve(texts, _penalties(numbers, len(examples), len(ordinary)), target)
    # The part of the kernel for letters is linear, so that one column per kind replaces the letters of all texts.
    return Dangers(names, texts.dense, weights, texts.letters.T @ weights)


def kept(path: Path, train: Callable[[], Dangers]) -> Dangers:
    """Returns the classifier stored at ``path``; if the file is missing or damaged, trains and stores it."""
    try:
        with path.open("rb") as raw, np.load(raw) as file:
            return Dangers(tuple(map(str, file["names"])), file["dense"], file["weights"], file["letters"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("danger: file damaged, training again", problem=str(error))
    trained = train()
    try:
        _write(path, trained)
    except OSError as error:
        log.warning("danger: file not written", problem=str(error))
    return trained


def _write(path: Path, dangers: Dangers) -> None:
    """Writes the file atomically, and deletes the files for earlier sentences or encoders."""
    names = np.array(dangers.names)
    with NamedTemporaryFile(dir=path.parent, suffix=SUFFIX, delete=False) as file:
        np.savez(file, names=names, dense=dangers.dense, weights=dangers.weights, letters=dangers.letters)
    os.replace(file.name, path)
    for old in path.parent.glob(f"{PREFIX}*{SUFFIX}"):
        if old != path:
            old.unlink(missing_ok=True)


def _by_meaning(some: Vectors, others: Vectors) -> Scores:
    """Returns the Gaussian kernel of unit vectors: a row per vector of ``some``, a column per vector of ``others``."""
    similarity: Scores = np.exp(tuned().risk.sharpness * (some @ others.T - 1)).astype(np.float32)
    return similarity


def _solve(texts: FeatureMatrix, penalties: Scores, target: Scores) -> Scores:
    """Returns the weight of each text for each column of ``target``. Takes seconds for some thousand texts."""
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
    """Returns at most ``most`` random rows; the choice depends only on the number of rows."""
    rows = np.random.default_rng(0).permutation(len(background))[:most]
    return background[np.sort(rows)]
