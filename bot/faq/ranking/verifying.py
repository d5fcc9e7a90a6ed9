"""Has the verifier read the likeliest entries together with a message, and corrects their probabilities accordingly.

The verifier reads an entry's question, and the few utterances and sentences of its answer (or utterances of a topic
that the entry took over) that are most similar to the message. A logistic regression joins what it says with the
probability. It is not asked where the probability leaves no doubt, nor where the likeliest entry has so many utterances
that it would change hardly anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.verifier import QUESTION, SENTENCE, UTTERANCE, Text, Verifier
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

    def __init__(self, index: Index, vectorizer: Vectorizer, questions: Sequence[str], verifier: Verifier) -> None:
        """``questions`` are those of the index's entries, in their order."""
        self._index, self._prompt, self._verifier = index, vectorizer.prompt, verifier
        self._questions, self._owner = questions, index.class_of[: len(index.texts)]
        self._said = np.zeros(len(index.texts), bool)
        self._said[index.utterances] = True
        utterances = np.bincount(self._owner[self._said], minlength=len(index.ids))
        self._has_few = utterances < tuned().verifier.few

    @classmethod
    def of(cls, index: Index, vectorizer: Vectorizer, questions: Sequence[str]) -> Self | None:
        """Returns None if the encoder has no verifier, or there are no entries or no out-of-scope topics."""
        verifier = vectorizer.verifier
        usable = index.ids and index.out_of_scope_topics
        return cls(index, vectorizer, questions, verifier) if verifier and usable else None

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
        for kind, most, of in ((UTTERANCE, UTTERANCES, self._said[own]), (SENTENCE, SENTENCES, ~self._said[own])):
            near = own[of][np.argsort(-similarity[of], kind="stable")[:most]]
            found += [(kind, f"{PROMPT}{self._index.texts[place]}") for place in np.sort(near)]
        return found


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
