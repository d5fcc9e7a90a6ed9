"""Turns texts into rows to compare them by meaning (the encoder's vector), letters, runs of words and content terms.

The mean that is subtracted from the vectors, and the inverse document frequency of each letter n-gram, are computed
from the background and never from the FAQ. So editing an entry changes no other row, and the similarities do not depend
on the number of entries. The weights of a content term and of a run of words are computed from the background and the
sentences of the classifiers, so greetings, stories and requests for a person weigh little. A text that uses another
name for a term of the lexicon gets the term as well: *el carnet* also counts as *cédula de identidad*.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfTransformer

from bot.faq.encoder.encoder import Embedder, Vectors
from bot.faq.encoder.verifier import Verifier
from bot.faq.ranking.background import Background, Group
from bot.faq.ranking.classifier import SUFFIX, UNTAUGHT, Classifier, Learnt, kept, learn
from bot.faq.ranking.coefficients import LearnerNumbers, tuned
from bot.faq.ranking.sentences import Lessons, Sentence
from bot.faq.scoring.matrix import FeatureMatrix
from bot.faq.words.lexicon import Lexicon
from bot.faq.words.lexicon_sheet import Sheets
from bot.faq.words.word_features import WordFeatures, WordFeaturizer

KEPT_ENTRIES = 50_000


class Vectorizer:
    """A builder of feature matrices from texts.

    ``background`` contains a row for each text of the background, and ``group_of`` the number of each row's group. The
    groups are the out-of-scope topics, followed by the chitchat themes.
    """

    def __init__(
        self,
        cached: Embedder,
        uncached: Embedder,
        background: Background,
        lexicon: Lexicon | None = None,
        lessons: Lessons | None = None,
        home: Path | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        """Embeds the background and prepares its rows.

        ``cached`` is an embedder with a cache, for the FAQ and the background; ``uncached`` has none, for citizens'
        messages. The classifiers are trained on ``lessons``, by default the project's. They are stored in ``home``
        unless that is None. ``verifier`` is that of the encoder, if it has one.
        """
        self._home, self.verifier = home, verifier
        self._cached, self._uncached = cached, uncached
        self._lessons = lessons or Lessons.from_folder()
        self.out_of_scope_topics = background.out_of_scope_topics
        groups = (*background.out_of_scope_topics, *background.themes)
        self.groups = len(groups)
        self._names = tuple(group.name for group in groups)
        self.group_of = _groups(groups)
        texts = _utterances(groups)
        self._words = WordFeaturizer(texts, lexicon or Lexicon(Sheets()), home)
        words = self._words.of_known(texts)
        vectors = cached.embed(words.prompts)
        self._mean = vectors.mean(axis=0) if texts else np.float32(0)
        taught = self._words.of_known(self._lessons.texts)
        self._rarity = _idf(words.letters if texts else self._words.of([""]).letters)
        self._run_rarity = _idf(scipy.sparse.vstack([words.runs, taught.runs, self._words.of([""]).runs]))
        self.background = self._matrix(words, vectors)
        self.familiar, self.term_rarity = _rarity(scipy.sparse.vstack([self.background.terms, taught.terms]))
        self._known_rows = lru_cache(maxsize=KEPT_ENTRIES)(self._rows)

    def without_authors(self, authors: Collection[str]) -> Vectorizer:
        """Returns a copy that is not trained on the unusual requests of ``authors``, to evaluate on their messages."""
        other = copy.copy(self)
        other.__dict__.pop("requests", None)
        other._lessons = replace(
            self._lessons, requests=tuple(one for one in self._lessons.requests if one.author not in authors)
        )
        return other

    def without_verifier(self) -> Vectorizer:
        """Returns a copy without the verifier, to measure what it changes."""
        other = copy.copy(self)
        other.verifier = None
        return other

    @cached_property
    def dangers(self) -> Classifier:
        """Returns the classifier of dangers, loaded from the home folder or else trained, which takes seconds."""
        return self._taught("danger", self._lessons.dangers, self.ordinary, tuned().risk)

    @cached_property
    def commands(self) -> Classifier:
        """Returns the classifier of commands, loaded from the home folder or else trained, which takes seconds."""
        return self._taught("commands", self._lessons.commands, self.questions, tuned().commands)

    def _taught(
        self, name: str, sentences: tuple[Sentence, ...], ordinary: FeatureMatrix, numbers: LearnerNumbers
    ) -> Classifier:
        def train() -> Learnt:
            if not len(ordinary):
                return UNTAUGHT
            rows = self._rows([one.text for one in sentences])
            return learn(rows, [one.kind for one in sentences], ordinary, numbers)

        key = self._key((sentences, numbers))
        return (kept(self._home / f"{name}-{key}{SUFFIX}", train) if self._home else train()).classifier()

    @cached_property
    def requests(self) -> Classifier:
        """Returns the classifier of unusual requests, loaded from the home folder or else trained, which takes seconds.

        Unusual requests concern a subject of the FAQ, but an FAQ hardly ever answers them.
        """
        return self._taught("requests", self._lessons.requests, self.ordinary, tuned().requests)

    @property
    def fingerprint(self) -> str:
        """Returns the fingerprint of the encoder."""
        return self._cached.fingerprint

    def load_classifiers(self) -> None:
        """Loads or trains all classifiers now rather than at the first message."""
        _ = self.dangers, self.commands, self.requests

    def _key(self, taught: object) -> str:
        """Returns a hash (16 hex digits) of everything that a classifier depends on."""
        digest = hashlib.sha256(repr((self._cached.fingerprint, taught)).encode())
        for part in (self.background.dense, self._rarity, self._run_rarity):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()[:16]

    @property
    def ordinary(self) -> FeatureMatrix:
        """Returns the rows of the background, except those of out-of-scope topics that are emergencies."""
        return self._without({topic.name for topic in self.out_of_scope_topics if topic.emergency})

    @property
    def questions(self) -> FeatureMatrix:
        """Returns the rows of the background, except those of topics and themes that are commands."""
        return self._without(set(tuned().commands.left_out))

    def _without(self, names: set[str]) -> FeatureMatrix:
        kept_groups = np.array([name not in names for name in self._names], dtype=bool)
        return self.background[np.flatnonzero(kept_groups[self.group_of])]

    def rows(self, texts: tuple[str, ...]) -> FeatureMatrix:
        """Returns a row for each text of one entry; cached for later calls with the same tuple."""
        return self._known_rows(texts)

    def embed_ahead(self, texts: Sequence[str]) -> None:
        """Embeds many texts in one call, which is faster than one call per entry, and caches them for ``rows``."""
        self._cached.embed(self._words.of_known(texts).prompts)

    def message(self, text: str) -> FeatureMatrix:
        """Returns a single row for a citizen's message, which is not cached."""
        return self.messages((text,))

    def messages(self, texts: Sequence[str]) -> FeatureMatrix:
        """Returns a row for each of several citizens' messages, which are not cached."""
        words = self._words.of(texts)
        return self._matrix(words, self._uncached.embed(words.prompts))

    def words(self, texts: Sequence[str]) -> FeatureMatrix:
        """Returns a row for each text as ``messages`` does, without vectors (``dense`` has no columns)."""
        words = self._words.of(texts)
        return self._matrix(words, np.zeros((len(texts), 0), np.float32))

    def prompt(self, text: str) -> str:
        """Returns a citizen's message as the encoder reads it."""
        return self._words.prompts([text])[0]

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Returns a matrix with the unit vector (float32) of each citizen's message as a row.

        The vectors are not cached.
        """
        return self._unit(self._uncached.embed(self._words.prompts(texts)))

    def _unit(self, vectors: Vectors) -> Vectors:
        centred = vectors - self._mean
        unit: Vectors = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return unit

    def _rows(self, texts: Sequence[str]) -> FeatureMatrix:
        words = self._words.of_known(texts)
        return self._matrix(words, self._cached.embed(words.prompts))

    def _matrix(self, words: WordFeatures, vectors: Vectors) -> FeatureMatrix:
        if not words.prompts:
            return FeatureMatrix(np.zeros((0, vectors.shape[-1]), np.float32), words.letters, words.runs, words.terms)
        letters, runs = _weighted(words.letters, self._rarity), _weighted(words.runs, self._run_rarity)
        return FeatureMatrix(self._unit(vectors) if vectors.shape[-1] else vectors, letters, runs, words.terms)


def _idf(counts: scipy.sparse.csr_matrix) -> NDArray[np.float64]:
    """Returns the inverse document frequency of each column."""
    found: NDArray[np.float64] = TfidfTransformer().fit(counts).idf_
    return found


def _weighted(counts: scipy.sparse.csr_matrix, rarity: NDArray[np.float64]) -> scipy.sparse.csr_matrix:
    """Returns TF-IDF rows of unit length, with sublinear term frequency (1 + log of the count).

    Replaces TfidfTransformer, whose checks take ten times as long as the computation for one message.
    """
    row_of = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    weights = (np.log(counts.data) + 1) * rarity[counts.indices]
    lengths = np.sqrt(np.bincount(row_of, weights**2, counts.shape[0]))
    data = (weights / lengths[row_of]).astype(np.float32)
    return scipy.sparse.csr_matrix((data, counts.indices, counts.indptr), counts.shape)


def _rarity(terms: scipy.sparse.csr_matrix) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Returns for each column of ``terms`` whether a text contains it, and its weight, from 0 to 1.

    The weight is the logarithm of the inverse document frequency, divided by that of a term that no text contains.
    """
    counts = np.asarray(terms.sum(axis=0)).ravel()
    rarest = np.log(terms.shape[0] + 1) or 1.0
    return counts > 0, (1 - np.log(counts + 1) / rarest).astype(np.float32)


def _utterances(groups: Sequence[Group]) -> list[str]:
    return [utterance for group in groups for utterance in group.utterances]


def _groups(groups: Sequence[Group]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(groups)), [len(group.utterances) for group in groups]).astype(np.int64)
