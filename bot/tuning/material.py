"""Collects the training data for tuning: the FAQ's entries, the atlas, and invented agencies with other subjects.

Only every second utterance of an entry is used, for two reasons. First, the probabilities of the answerer are fitted on
utterances that are left out of the index (ranking/calibration.py). If the encoder were trained on all utterances of an
entry, these would be closer to each other than a citizen's message ever is, and the probabilities would be too high.
Second, two adapters are compared on utterances that neither was trained on (comparison.py). The whole atlas is used,
since adapters are not compared on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Embedder
from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import passages
from bot.faq.ranking.background import Background
from bot.faq.words.spelling import Speller
from bot.faq.words.word_features import prompted
from bot.text.normalize import plain
from bot.tuning.agencies import read_agencies
from bot.tuning.sampling import TrainingTopic, neighbours

CENTRE_UTTERANCES = 6  # to find similar topics, a topic is represented by the mean vector of this many utterances
Prepared = Callable[[str], str]  # converts a citizen's text into the encoder's input


@dataclass(frozen=True)
class Material:
    """The training data: a topic for each FAQ entry, the topics of the atlas, and those of each invented agency."""

    entries: tuple[TrainingTopic, ...]
    atlas: tuple[TrainingTopic, ...]
    agencies: tuple[tuple[TrainingTopic, ...], ...] = ()

    @property
    def topics(self) -> tuple[TrainingTopic, ...]:
        """Returns the topics of the FAQ and the atlas."""
        return self.entries + self.atlas

    @property
    def texts(self) -> int:
        return sum(
            len(topic.said) + len(topic.written) for topic in (*self.topics, *chain.from_iterable(self.agencies))
        )


def training_half(utterances: Sequence[str]) -> tuple[str, ...]:
    """Returns the 1st, 3rd, 5th... utterance, which training uses; ``comparison.held_out`` returns the others."""
    return tuple(utterances[::2])


def material_of(entries: Sequence[Entry], background: Background) -> Material:
    """Returns the training data: a topic per entry, per topic of the atlas, and per request to an invented agency.

    As in the index, a counterexample that any entry has as an utterance does not count.
    """
    asked = {plain(utterance) for entry in entries for utterance in entry.utterances}
    said: dict[str, dict[str, None]] = {entry.id: {} for entry in entries}
    written: dict[str, dict[str, None]] = {entry.id: {} for entry in entries}
    denied: dict[str, dict[str, None]] = {entry.id: {} for entry in entries}
    for entry in entries:
        said[entry.id] |= dict.fromkeys(entry.utterances)
        written[entry.id] |= dict.fromkeys((entry.question, *passages(entry)))
        denied[entry.id] |= dict.fromkeys(one for one in entry.counterexamples if plain(one) not in asked)
    own = (TrainingTopic(id, training_half(tuple(said[id])), tuple(written[id]), tuple(denied[id])) for id in said)
    return Material(
        tuple(own),
        tuple(TrainingTopic(topic.name, topic.utterances) for topic in background.out_of_scope_topics),
        read_agencies(),
    )


def preparation(background: Background) -> Prepared:
    """Returns a function that prepares a text for embedding in the same way as bot/faq/ranking/vectorizer.py."""
    speller = Speller(
        [utterance for group in (*background.out_of_scope_topics, *background.themes) for utterance in group.utterances]
    )
    return lambda text: prompted(speller, text)


def similar_topics(topics: Sequence[TrainingTopic], prepared: Prepared, encoder: Embedder) -> NDArray[np.int64]:
    """Returns a row for each topic with the indices of the most similar topics, at most NEIGHBOURS, nearest first.

    Compares the mean vectors of a few utterances of each topic; takes about a minute for a thousand topics.
    """
    said = [topic.said[:CENTRE_UTTERANCES] for topic in topics]
    vectors = encoder.embed([prepared(text) for texts in said for text in texts])
    starts = np.cumsum([0, *map(len, said[:-1])])
    centres = np.add.reduceat(vectors, starts, axis=0) / np.array([len(texts) for texts in said])[:, None]
    centres = centres - centres.mean(axis=0)
    lengths = np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    return neighbours((centres / lengths).astype(np.float32))
