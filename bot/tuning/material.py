"""Collects what tuning learns from: the FAQ's entries and the matters of the atlas, and how a text is prepared.

Called by ``python -m bot.tuning``. **Of an entry only every second wording is taught.** The answerer's probabilities
are fitted on wordings that are left out of the index (ranking/calibration.py): were all of them taught, the encoder
would place each beside its siblings as it never places a citizen's message, and P would promise too much. And which of
two adapters is better must be told on wordings that were not taught (comparison.py). The atlas is taught whole, and
adapters are compared on nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Embedder
from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.background import Background
from bot.faq.ranking.vectorizer import prompted
from bot.faq.words.spelling import Speller
from bot.tuning.sampling import OutOfScopeTopic, neighbours

CENTRE_WORDINGS = 6
"""How many wordings of a matter are embedded to find the matters that are like it."""
Prepared = Callable[[str], str]
"""A citizen's text as the encoder is given it."""


@dataclass(frozen=True)
class Material:
    """What is taught: the agency's entries and the atlas's matters."""

    entries: tuple[OutOfScopeTopic, ...]
    atlas: tuple[OutOfScopeTopic, ...]

    @property
    def out_of_scope_topics(self) -> tuple[OutOfScopeTopic, ...]:
        return self.entries + self.atlas

    @property
    def texts(self) -> int:
        return sum(
            len(out_of_scope_topic.said) + len(out_of_scope_topic.written)
            for out_of_scope_topic in self.out_of_scope_topics
        )


def taught(utterances: Sequence[str]) -> tuple[str, ...]:
    """Every second wording, from the first; ``comparison.untaught`` finds the others."""
    return tuple(utterances[::2])


def material_of(entries: Sequence[Entry], background: Background) -> Material:
    """A matter for each entry (of all its audiences together) and for each matter of the atlas."""
    said: dict[str, dict[str, None]] = {entry.id: {} for entry in entries}
    written: dict[str, dict[str, None]] = {entry.id: {} for entry in entries}
    for entry in entries:
        said[entry.id] |= dict.fromkeys(entry.utterances)
        written[entry.id] |= dict.fromkeys((entry.question, *passages(entry)))
    own = (OutOfScopeTopic(id, taught(tuple(said[id])), tuple(written[id])) for id in said)
    return Material(
        tuple(own),
        tuple(
            OutOfScopeTopic(out_of_scope_topic.name, out_of_scope_topic.utterances)
            for out_of_scope_topic in background.out_of_scope_topics
        ),
    )


def preparation(background: Background) -> Prepared:
    """What bot/faq/ranking/vectorizer.py does to a text before it is embedded."""
    speller = Speller(
        [utterance for group in (*background.out_of_scope_topics, *background.themes) for utterance in group.utterances]
    )
    return lambda text: prompted(speller, text)


def alike(out_of_scope_topics: Sequence[OutOfScopeTopic], prepared: Prepared, encoder: Embedder) -> NDArray[np.int64]:
    """For each matter those that are most like it, by the mean of some wordings: [matter, NEIGHBOURS]. About a minute
    for a thousand.
    """
    said = [out_of_scope_topic.said[:CENTRE_WORDINGS] for out_of_scope_topic in out_of_scope_topics]
    vectors = encoder.embed([prepared(text) for texts in said for text in texts])
    starts = np.cumsum([0, *map(len, said[:-1])])
    centres = np.add.reduceat(vectors, starts, axis=0) / np.array([len(texts) for texts in said])[:, None]
    centres = centres - centres.mean(axis=0)
    lengths = np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    return neighbours((centres / lengths).astype(np.float32))
