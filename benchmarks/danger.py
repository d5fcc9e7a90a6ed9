"""Measures how well the sentences of data/danger recognize dangers: ``python -m benchmarks.danger [--test folder]``.

For each author, learns from the other authors and classifies this author's sentences; with ``--test``, it learns from
all authors and classifies the sentences of the folder. Prints, for each kind of danger, for harmless sentences and for
this folder's ordinary messages, the share that is taken for a danger by the phrases alone, by the *hard* net (phrases,
or a danger that the classifier is sure of) and by the *soft* net (also a possible danger); then the share of dangers
whose likeliest kind is right. Intervals are 95 % Wilson intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from benchmarks.learnt import ORDINARY, left_out, ordinary, shown, started
from bot.crisis.emergency import find
from bot.faq.ranking.classifier import Classifier, learn
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.risk import Danger, danger_in
from bot.faq.ranking.sentences import DANGERS, Sentence, load_sentences, load_small_talk
from bot.faq.ranking.vectorizer import Vectorizer

NETS = ("phrases", "hard", "soft")


def nets(texts: Iterable[str], judged: Iterable[Danger | None]) -> dict[str, np.ndarray]:
    """Returns an array for each net: whether it recognizes each text as a danger.

    ``judged`` contains the classifier's judgments.
    """
    phrases = np.array([find(text) is not None for text in texts])
    dangers = list(judged)
    sure = np.array([one is not None and one.sure for one in dangers])
    possible = np.array([one is not None and one.possible(despite_answer=False) for one in dangers])
    return {"phrases": phrases, "hard": phrases | sure, "soft": phrases | possible}


def row(name: str, caught: dict[str, np.ndarray], among: np.ndarray) -> str:
    return f"| {name} | {among.sum()} | {' | '.join(shown(caught[net][among]) for net in NETS)} |"


def classifier(space: Vectorizer, sentences: Sequence[Sentence]) -> Classifier:
    learnt = (*sentences, *load_small_talk())
    rows = space.rows(tuple(one.text for one in learnt))
    return learn(rows, [one.kind for one in learnt], space.ordinary, tuned().risk)


def judged_by(space: Vectorizer, text: str, learnt: Classifier) -> Danger | None:
    return danger_in(space.rows((text,)), learnt)


def print_by_kind(sentences: Sequence[Sentence], judged: list[Danger | None]) -> None:
    caught = nets((one.text for one in sentences), judged)
    kinds = np.array([one.kind for one in sentences])
    print(f"| | sentences | {' | '.join(NETS)} |\n|---|---|---|---|---|")  # noqa: T201
    for kind in sorted(set(kinds) - {""}):
        print(row(kind, caught, kinds == kind))  # noqa: T201
    print(row("all dangers", caught, kinds != ""))  # noqa: T201
    print(row("harmless", caught, kinds == ""))  # noqa: T201
    right = [one is not None and one.kind == kind for one, kind in zip(judged, kinds, strict=True) if kind]
    print(f"\nOf the dangers, {np.mean(right):.3f} are of the likeliest kind.\n")  # noqa: T201


def print_ordinary(space: Vectorizer, learnt: Classifier) -> None:
    names, texts = zip(*ordinary(), strict=True)
    caught = nets(texts, [danger_in(space.message(text), learnt) for text in texts])
    sets = np.array([name.partition(" ")[0] for name in names])
    for name in ORDINARY:
        print(row(f"ordinary: {name}", caught, sets == name))  # noqa: T201


def main() -> None:
    space, test = started(__doc__)
    sentences = load_sentences(DANGERS)
    if test is None:
        taught, judge = partial(classifier, space), partial(judged_by, space)
        print_by_kind(sentences, left_out(sentences, taught, judge))
    learnt = classifier(space, sentences)
    if test is not None:
        unseen = load_sentences(test)
        print_by_kind(unseen, [danger_in(space.message(one.text), learnt) for one in unseen])
    print_ordinary(space, learnt)


if __name__ == "__main__":
    main()
