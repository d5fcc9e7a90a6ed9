"""Places texts where likeness can be computed: by meaning (the encoder's vector) and by letters (as they sound).

Between ``encoder`` and ``index``. Both halves are fixed by the background, never by the FAQ: the mean that is taken off
the vectors, and how rare each group of letters is. So an edit moves nothing else, and three entries work like sixty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from bot.faq.background import Background, Group
from bot.faq.encoder import Embedder, Vectors, sanitised
from bot.faq.fold import phonetic
from bot.faq.spelling import Speller

PROMPT = "query: "
LETTERS = (3, 5)
LETTER_GROUPS = 2**18
LEXICAL_WEIGHT = 1.0


@dataclass(frozen=True)
class Rows:
    """Texts as rows: ``dense`` by meaning, ``letters`` sparse; each row of either has length 1 (or 0)."""

    dense: Vectors
    letters: scipy.sparse.csr_matrix

    def __add__(self, other: Rows) -> Rows:
        letters = scipy.sparse.vstack([self.letters, other.letters]).tocsr()
        return Rows(np.concatenate([self.dense, other.dense]), letters)

    def __len__(self) -> int:
        return len(self.dense)

    @cached_property
    def turned(self) -> scipy.sparse.csr_matrix:
        """``letters`` with a column a text, kept since turning costs more than multiplying."""
        return self.letters.T.tocsr()

    def likeness(self, other: Rows) -> NDArray[np.float64]:
        """How alike each of these texts is to each of the others, by meaning and letters together: [own, other]."""
        letters = (self.letters @ other.turned).toarray()
        both: NDArray[np.float64] = (self.dense @ other.dense.T).astype(np.float64) + LEXICAL_WEIGHT * letters
        return both


class TextSpace:
    """Where all texts live. ``themes`` and ``matters`` are the background's rows, with the group of each."""

    def __init__(self, kept: Embedder, live: Embedder, background: Background) -> None:
        """``kept`` embeds the FAQ and the background and remembers them, ``live`` embeds citizens' messages."""
        self._kept, self._live = kept, live
        texts = _wordings(background.themes) + _wordings(background.matters)
        self._speller = Speller(texts)
        vectors = kept.embed([self._prompted(text) for text in texts])
        self._mean = vectors.mean(axis=0) if texts else np.float32(0)
        self._hashing = HashingVectorizer(
            analyzer="char_wb", ngram_range=LETTERS, n_features=LETTER_GROUPS, norm=None, alternate_sign=False
        )
        self._weighting = TfidfTransformer(sublinear_tf=True).fit(self._hashed(texts or [""]))
        self.themes = self._rows(_wordings(background.themes))
        self.theme_of = _groups(background.themes)
        self.matters = self._rows(_wordings(background.matters))
        self.matter_of = _groups(background.matters)

    def rows(self, texts: Sequence[str]) -> Rows:
        """Rows of the FAQ's texts."""
        return self._rows(texts)

    def message(self, text: str) -> Rows:
        """One row for a citizen's message, which is not remembered."""
        return self._placed([text], self._live.embed([self._prompted(text)]))

    def _rows(self, texts: Sequence[str]) -> Rows:
        return self._placed(texts, self._kept.embed([self._prompted(text) for text in texts]))

    def _prompted(self, text: str) -> str:
        return PROMPT + self._speller.restored(sanitised(text))

    def _placed(self, texts: Sequence[str], vectors: Vectors) -> Rows:
        if not len(texts):
            return Rows(np.zeros((0, vectors.shape[-1]), np.float32), self._hashed([]))
        centred = vectors - self._mean
        lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return Rows(centred / lengths, self._weighting.transform(self._hashed(texts)))

    def _hashed(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        if not len(texts):
            return scipy.sparse.csr_matrix((0, LETTER_GROUPS))
        return self._hashing.transform([phonetic(sanitised(text)) for text in texts])


def _wordings(groups: Sequence[Group]) -> list[str]:
    return [wording for group in groups for wording in group.wordings]


def _groups(groups: Sequence[Group]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(groups)), [len(group.wordings) for group in groups]).astype(np.int64)
