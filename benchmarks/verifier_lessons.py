"""Makes the lessons of a verifier: messages, each with the entry that it is about and with similar entries.

They come from the offices of data/encoder/borders, the invented agencies of data/encoder/agencies, and the demo's
utterances and counterexamples. Letters alone choose the similar entries and the sentences of a long answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from verifier_network import Lesson, Offered

from bot.faq.entries.entry import Entry
from bot.faq.entries.passages import SENTENCE_END, passages
from bot.faq.ranking.verifying import SENTENCES
from bot.faq.words.word_features import PROMPT
from bot.tuning.agencies import BORDERS, read_agencies
from bot.tuning.material import Prepared, training_half
from bot.tuning.sampling import TrainingTopic

SIMILAR = 5
LETTERS = (3, 5)
Kinds = list[list[Lesson]]  # answered by the entry, about it but not answered, about nothing that is answered


def lessons(entries: Sequence[Entry], prepared: Prepared) -> Kinds:
    """Returns the lessons, grouped by origin and kind; a group that is drawn from n times as often stands n times."""
    own = [
        TrainingTopic(one.id, training_half(one.utterances), (one.question, *passages(one)), one.counterexamples)
        for one in entries
    ]
    borders, others, demo = (_by_kind(one, prepared) for one in (read_agencies(BORDERS), read_agencies(), [own]))
    return [*3 * borders[:2], *borders[2:], *others[:2], *demo]


def prompt(text: str) -> str:
    """Returns a text of an entry in the form that the encoder expects."""
    return f"{PROMPT}{text}"


def _by_kind(bodies: Sequence[Sequence[TrainingTopic]], prepared: Prepared) -> Kinds:
    kinds: Kinds = [[], [], []]
    for topics in bodies:
        answered = [topic for topic in topics if topic.written]
        said = [(text, at, 0) for at, one in enumerate(answered) for text in one.said]
        denied = [(text, at, 1) for at, one in enumerate(answered) for text in one.denied]
        strange = [(text, -1, 2) for one in topics if not one.written for text in one.said]
        texts = [*said, *denied, *strange]
        office = _Office(answered, [text for text, _, _ in texts], prepared)
        for row, (text, about, kind) in enumerate(texts):
            own = None if about < 0 else office.offered(row, about)
            similar = tuple(office.offered(row, at) for at in office.similar(row, about))
            kinds[kind].append(Lesson(prepared(text), own, kind == 0, similar))
    return [kind for kind in kinds if kind]


class _Office:
    """The entries of one body, as each of its messages is compared with them."""

    def __init__(self, answered: Sequence[TrainingTopic], messages: Sequence[str], prepared: Prepared) -> None:
        self._names = [one.name for one in answered]
        self._said = [tuple(map(prepared, one.said)) for one in answered]
        self._sentences = [[one.written[0], *_sentences(one)] for one in answered]
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, sublinear_tf=True)
        written = letters.fit_transform([sentence for of in self._sentences for sentence in of])
        alike = (letters.transform(messages) @ written.T).toarray()
        ends = np.cumsum([len(of) for of in self._sentences])[:-1]
        self._alike: list[NDArray[np.float64]] = np.split(alike, ends, axis=1)

    def similar(self, row: int, about: int) -> list[int]:
        """Returns the entries most similar to a message, without the one that it is about."""
        best = np.array([of[row].max() for of in self._alike])
        return [int(at) for at in np.argsort(-best, kind="stable") if at != about][:SIMILAR]

    def offered(self, row: int, at: int) -> Offered:
        """Returns an entry with the sentences most similar to a message, in the order of the answer."""
        question, *sentences = self._sentences[at]
        fitting = np.argsort(-self._alike[at][row, 1:], kind="stable")[:SENTENCES]
        chosen = tuple(prompt(sentences[one]) for one in sorted(fitting))
        return Offered(self._names[at], prompt(question), self._said[at], chosen)


def _sentences(topic: TrainingTopic) -> list[str]:
    return [sentence for text in topic.written[1:] for sentence in SENTENCE_END.split(text)]
