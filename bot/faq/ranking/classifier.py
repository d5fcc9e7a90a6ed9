"""Recognizes dangers, commands and unusual requests in messages, with classifiers trained on example sentences.

A classifier is a kernel ridge regression. It compares texts by meaning, by letters and by runs of words; only the runs
show that «nadie salió herido» tells of no danger. Each example belongs to a kind or is a look-alike: a sentence that
resembles a kind but does not belong to it. Texts of the background represent ordinary messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bot.core.disk import replacing
from bot.core.logs import log
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.coefficients import LearnerNumbers
from bot.faq.scoring.feature_weights import FeatureWeights
from bot.faq.scoring.matrix import FeatureMatrix, products
from bot.faq.scoring.text_vectors import TextVectors

BLOCK = 256
SUFFIX = ".npz"  # trained classifiers are stored in the home folder as danger-<key>, commands-<key> or requests-<key>
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Recognized:
    """The likeliest kind of a message, and two scores: about 0 for ordinary messages, about 1 for examples.

    ``score`` is the score of this kind; ``any_kind`` is the score for belonging to any of the kinds.
    """

    kind: str
    score: float
    any_kind: float


@dataclass(frozen=True)
class Classifier:
    """A trained classifier; if ``names`` is empty, it recognizes nothing. Its fields are those of ``Learnt``."""

    names: tuple[str, ...]
    texts: TextVectors
    weights: Scores
    letters: FeatureWeights
    runs: FeatureWeights
    sharpness: float

    def recognize(self, message: FeatureMatrix) -> Recognized | None:
        """Returns the likeliest kind of a message, given as a single row; None if the classifier has no ``names``."""
        return self.recognize_all(message)[0]

    def recognize_all(self, messages: FeatureMatrix) -> list[Recognized | None]:
        """Returns the likeliest kind of each message; each is None if the classifier has no ``names``."""
        if not self.names:
            return [None] * len(messages)
        rows = self.scores(messages)
        best = rows[:, :-1].argmax(axis=1)
        return [
            Recognized(self.names[kind], float(row[kind]), float(row[-1])) for row, kind in zip(rows, best, strict=True)
        ]

    def scores(self, messages: FeatureMatrix) -> Scores:
        """Returns a row per message: the score of each kind in ``names``, then that of any kind.

        For at most FEW messages, each row is the same as for that message alone. Returns a single column of zeros if
        ``names`` is empty.
        """
        if not self.names:
            return np.zeros((len(messages), 1), np.float32)
        kernel = _by_meaning(self.texts.products(messages.dense), self.sharpness)
        scores: Scores = products(kernel, self.weights.T) + self.letters.totals(messages.letters)
        return scores + self.runs.totals(messages.runs) if len(self.runs) else scores

    def word_scores(self, messages: FeatureMatrix) -> Scores:
        """Returns what letters and runs of words add to ``scores``, which needs no encoder; columns as there."""
        if not self.names:
            return np.zeros((len(messages), 1), np.float32)
        scores: Scores = self.letters.totals(messages.letters)
        return scores + self.runs.totals(messages.runs) if len(self.runs) else scores


@dataclass(frozen=True)
class Learnt:
    """The data of a trained classifier, as they are stored; if ``names`` is empty, it recognizes nothing.

    ``dense`` contains the vector of each training text, one per row. ``weights`` contains the weight of each of these
    texts, ``letters`` the weight of each letter n-gram, and ``runs`` that of each run of words; ``runs`` has no rows if
    they do not count. These matrices have a column for each kind in ``names``, and a last one for belonging to any
    kind. The greater ``sharpness`` is, the faster the similarity of two texts falls with the distance of their vectors.
    """

    names: tuple[str, ...]
    dense: Vectors
    weights: Scores
    letters: Scores
    runs: Scores
    sharpness: float = 1.0

    def classifier(self) -> Classifier:
        letters, runs = FeatureWeights(self.letters), FeatureWeights(self.runs)
        return Classifier(self.names, TextVectors(self.dense), self.weights, letters, runs, self.sharpness)


_NOTHING = np.zeros((0, 0), dtype=np.float32)
UNTAUGHT = Learnt((), _NOTHING, _NOTHING, _NOTHING, _NOTHING)


def learn(examples: FeatureMatrix, kinds: Sequence[str], background: FeatureMatrix, numbers: LearnerNumbers) -> Learnt:
    """Trains a classifier, which takes seconds. ``kinds`` are the kinds of the examples, '' for a look-alike.

    Returns UNTAUGHT if no example has a kind or if the background is empty.
    """
    names = tuple(sorted(set(kinds) - {""}))
    if not names or not len(background):
        return UNTAUGHT
    ordinary = _sample(background, numbers.background_texts)
    texts = FeatureMatrix.stacked([examples, ordinary])
    target = np.zeros((len(texts), len(names) + 1), dtype=np.float32)
    for column, name in enumerate(names):
        target[: len(kinds), column] = np.array(kinds) == name
    target[: len(kinds), -1] = np.array(kinds) != ""
    weights = _solve(texts, _penalties(numbers, len(examples), len(ordinary)), target, numbers)
    # The parts of the kernel for letters and runs are linear, so that one column per kind replaces those of all texts.
    letters, run_weight = texts.letters.T @ weights, numbers.runs_weight
    runs = (
        (texts.runs.T @ weights * np.float32(run_weight)) if run_weight else np.zeros((0, len(names) + 1), np.float32)
    )
    return Learnt(names, texts.dense, weights, letters, runs, numbers.sharpness)


def kept(path: Path, train: Callable[[], Learnt]) -> Learnt:
    """Returns what is stored at ``path``; if the file is missing or damaged, trains a classifier and stores it.

    Storing deletes the files for earlier sentences or encoders.
    """
    try:
        with path.open("rb") as raw, np.load(raw) as file:
            names, sharpness = tuple(map(str, file["names"])), float(file["sharpness"])
            return Learnt(names, file["dense"], file["weights"], file["letters"], file["runs"], sharpness)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("classifier: file damaged, training again", file=path.name, problem=str(error))
    trained = train()
    try:
        _write(path, trained)
    except OSError as error:
        log.warning("classifier: file not written", file=path.name, problem=str(error))
    return trained


def _write(path: Path, trained: Learnt) -> None:
    """Writes the file atomically, and deletes the files for earlier sentences or encoders."""
    with replacing(path) as file:
        np.savez(
            file,
            names=np.array(trained.names),
            dense=trained.dense,
            weights=trained.weights,
            letters=trained.letters,
            runs=trained.runs,
            sharpness=trained.sharpness,
        )
    for old in path.parent.glob(f"{path.name.partition('-')[0]}-*{SUFFIX}"):
        if old != path:
            old.unlink(missing_ok=True)


def _by_meaning(similarity: Scores, sharpness: float) -> Scores:
    """Turns the dot products of unit vectors into their Gaussian kernel, in place."""
    similarity -= 1
    similarity *= sharpness
    return np.exp(similarity, out=similarity)


def _solve(texts: FeatureMatrix, penalties: Scores, target: Scores, numbers: LearnerNumbers) -> Scores:
    """Returns the weight of each text for each column of ``target``. Takes seconds for a few thousand texts."""
    kernel = texts.letter_similarity(texts)
    for start in range(0, len(texts), BLOCK):  # in place, since the kernel of 6,000 texts takes 144 MB
        rows = slice(start, start + BLOCK)
        kernel[rows] += _by_meaning(products(texts.dense[rows], texts.dense), numbers.sharpness)
        if numbers.runs_weight:
            kernel[rows] += numbers.runs_weight * (texts.runs[rows] @ texts.runs.T).toarray()
    kernel[np.diag_indices_from(kernel)] += penalties
    # The transpose of the symmetric kernel has LAPACK's order, so that it is not copied.
    weights: Scores = scipy.linalg.solve(kernel.T, target, assume_a="pos", overwrite_a=True, check_finite=False)
    return weights


def _penalties(numbers: LearnerNumbers, examples: int, background: int) -> Scores:
    weights = np.repeat([1.0, numbers.background_weight], [examples, background])
    return (numbers.regularisation / weights).astype(np.float32)


def _sample(background: FeatureMatrix, most: int) -> FeatureMatrix:
    """Returns at most ``most`` random rows; the choice depends only on the number of rows."""
    rows = np.random.default_rng(0).permutation(len(background))[:most]
    return background[np.sort(rows)]
