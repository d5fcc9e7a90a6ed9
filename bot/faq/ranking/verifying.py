"""Has the verifier read the likeliest entries together with a message, and corrects their probabilities accordingly.

The verifier reads an entry's question, and the few variants and sentences of its answer that are most similar to the
message. A logistic regression joins what it says with the probability. It is not asked where the probability leaves no
doubt, nor where the likeliest entry has so many utterances that it would change hardly anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.verifier import QUESTION, SENTENCE, UTTERANCE, Text, Verifier
from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.calibration import logistic
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.feature_names import VerifiedFeature
from bot.faq.ranking.features import Features, leads
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.scoring.matrix import FeatureMatrix
from bot.faq.scoring.ridge import EntryIndices
from bot.faq.words.word_features import PROMPT

LIKELIEST = 3  # entries that the verifier reads for a message
UTTERANCES, SENTENCES = 2, 3  # texts of an entry that it reads
MOST_READ = 100  # messages of one call, which takes seconds


class Verifying:
    """The entries of an index, as the verifier reads them."""

    def __init__(self, index: Index, vectorizer: Vectorizer, entries: Sequence[Entry], verifier: Verifier) -> None:
        """``entries`` are those of the index, all variants for different audiences included."""
        self._index, self._prompt, self._verifier = index, vectorizer.prompt, verifier
        questions = {entry.id: entry.question for entry in reversed(entries)}
        self._questions, self._owner = [questions[id] for id in index.ids], index.class_of[: len(index.texts)]
        is_utterance = np.zeros(len(index.texts), bool)
        is_utterance[index.utterances] = True
        asked, written = set(questions.values()), {text for entry in entries for text in passages(entry)}
        self._is = {
            UTTERANCE: is_utterance & [text not in asked for text in index.texts],
            SENTENCE: ~is_utterance & [text in written for text in index.texts],
        }
        self._has_few = np.bincount(self._owner[is_utterance], minlength=len(index.ids)) < tuned().verifier.few

    @classmethod
    def of(cls, index: Index, vectorizer: Vectorizer, entries: Sequence[Entry]) -> Self | None:
        """Returns None if the encoder has no verifier, or there are no entries or no out-of-scope topics."""
        verifier = vectorizer.verifier
        usable = index.ids and index.out_of_scope_topics
        return cls(index, vectorizer, entries, verifier) if verifier and usable else None

    def corrected(
        self, texts: Sequence[str], rows: FeatureMatrix, order: EntryIndices, chances: Features
    ) -> dict[int, Features]:
        """Returns the corrected probabilities for those messages, by number, that the verifier has read.

        ``rows`` are the features of the messages ``texts``. ``order`` has the indices of the likeliest entries of each,
        and ``chances`` their probabilities. Reads at most MOST_READ messages, the first ones.
        """
        found: dict[int, Features] = {}
        best = np.take_along_axis(order, chances.argmax(axis=1)[:, None], axis=1)[:, 0]
        for row in map(int, np.flatnonzero(in_doubt(chances) & self._has_few[best])[:MOST_READ]):
            likeliest = np.argsort(-chances[row], kind="stable")[:LIKELIEST]
            said = self.log_odds(texts[row], rows[row : row + 1], order[row, likeliest], at_once=len(texts) == 1)
            found[row] = chances[row].copy()
            found[row][likeliest] = logistic(tuned().verifier.coefficients, joined(chances[row, likeliest], said))
        return found

    def log_odds(self, text: str, row: FeatureMatrix, entries: EntryIndices, *, at_once: bool = False) -> Features:
        """Returns the log-odds that each of ``entries`` answers the message ``text``, whose features are ``row``."""
        texts = [self._texts(int(entry), row) for entry in entries]
        return self._verifier.log_odds(self._prompt(text), texts, at_once=at_once)

    def _texts(self, entry: int, row: FeatureMatrix) -> list[Text]:
        """Returns the entry's question, and its texts that are most similar to the message, in the entry's order."""
        found = [(QUESTION, f"{PROMPT}{self._questions[entry]}")]
        own = np.flatnonzero(self._owner == entry)
        similarity = self._index.rows.dense[own] @ row.dense[0]
        for kind, most in ((UTTERANCE, UTTERANCES), (SENTENCE, SENTENCES)):
            of = self._is[kind][own]
            near = own[of][np.argsort(-similarity[of], kind="stable")[:most]]
            found += [(kind, self._read_as(kind, self._index.texts[place])) for place in np.sort(near)]
        return found

    def _read_as(self, kind: int, text: str) -> str:
        """Returns a text as in training, where citizens' words are prepared and an official's are read as written."""
        return self._prompt(text) if kind == UTTERANCE else f"{PROMPT}{text}"


def in_doubt(chances: Features) -> NDArray[np.bool_]:
    """Returns for each message, a row of probabilities, whether the verifier may change what is answered."""
    numbers = tuned().verifier
    doubtful: NDArray[np.bool_] = (chances.max(axis=1) < numbers.sure) & (chances.sum(axis=1) >= numbers.minimum)
    return doubtful


def joined(chances: Features, said: Features) -> Features:
    """Returns the features of the likeliest entries of a message: a row per entry, a column per VerifiedFeature.

    ``chances`` are their probabilities, ``said`` the verifier's log-odds.
    """
    values = {
        VerifiedFeature.CHANCE: np.log(chances / (1 - chances)),
        VerifiedFeature.VERIFIED: said,
        VerifiedFeature.VERIFIED_AMONG_ENTRIES: leads(said.astype(np.float32)[None])[0],
    }
    return np.stack([values[name] for name in VerifiedFeature], axis=1)
