"""Recognizes messages about a public notice by their similarity to the notice's utterances.

A message is about a notice if it is similar enough to one of its utterances, and not more similar to any text of an
entry, a topic or a theme. Entries and topics equivalent to an utterance are not compared: the topic *corte de agua*
refers to the water company, but while the agency has a notice about the cut, the notice answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.faq.answering.readable import is_readable
from bot.faq.encoder.encoder import Vectors
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.text.normalize import plain

# Chosen on 40 messages and 400 look-alikes for the six packs of data/crisis; tests/encoder/test_notice_matter.py
# measures them on other messages.
MINIMUM = 0.56  # minimum similarity of a message to an utterance
SAME = 0.69  # minimum similarity at which a class of the index counts as equivalent to an utterance
KEPT_NOTICES = 32


class NoticeUtterances:
    """A comparison of messages with the utterances of notices and with the texts of an index; thread-safe."""

    def __init__(self, vectorizer: Vectorizer, index: Index) -> None:
        self._vectorizer, self._index = vectorizer, index
        self._prepared = lru_cache(maxsize=KEPT_NOTICES)(self._prepare)

    def about(self, text: str, notices: Mapping[str, Sequence[str]]) -> str:
        """Returns the id of the notice that the text is about, '' if there is none; ``notices`` maps ids to utterances.

        Takes about 10 ms. With an empty text, only computes and caches the utterances' vectors.
        """
        prepared = {id: self._prepared(tuple(utterances)) for id, utterances in notices.items() if utterances}
        if not prepared or not is_readable(text):
            return ""
        words = plain(text)
        if same := [id for id in prepared if words in map(plain, notices[id])]:
            return same[0]
        message = self._vectorizer.message(text).dense
        others = (message @ self._index.rows.dense.T)[0]
        similarity = {id: float((message @ rows.T).max()) for id, (rows, _) in prepared.items()}
        found = max(similarity, key=lambda id: similarity[id])
        rival = others[prepared[found][1]].max(initial=-1.0)
        return found if similarity[found] >= max(MINIMUM, float(rival)) else ""

    def _prepare(self, utterances: tuple[str, ...]) -> tuple[Vectors, NDArray[np.bool_]]:
        """Returns the utterances' vectors, and a mask of the indexed texts of classes unlike every utterance."""
        rows = self._vectorizer.rows(utterances).dense
        alike = (rows @ self._index.rows.dense.T).max(axis=0) >= SAME
        same = np.unique(self._index.class_of[alike])
        return rows, ~np.isin(self._index.class_of, same)
