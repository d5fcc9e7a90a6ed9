"""Measures how well the sentences of data/danger recognize dangers: ``python -m benchmarks.danger [--test folder]``.

For each author, learns from the other authors and classifies this author's sentences; with ``--test``, it learns from
all authors and classifies the sentences of the folder. Its groups of messages are the kinds of danger, harmless
sentences and this folder's ordinary messages. Prints for each group the share that is taken for a danger by the phrases
alone, by the *hard* net and by the *soft* net. The hard net consists of the phrases that the classifier does not doubt
and the dangers that it is sure of; the soft net adds possible dangers. Then prints the share of dangers whose likeliest
kind is right. Intervals are 95 % Wilson intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np

from benchmarks.learnt import ORDINARY, left_out, ordinary, shown, started
from bot.crisis.emergency import find
from bot.faq.answering.dangers import in_earnest
from bot.faq.answering.phrase_danger import PhraseDangers
from bot.faq.ranking.classifier import Classifier, learn
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.risk import Danger, danger_in
from bot.faq.ranking.sentences import DANGERS, Sentence, load_harmless_commands, load_sentences, load_small_talk
from bot.faq.ranking.vectorizer import Vectorizer

NETS = ("phrases", "hard", "soft")
Judged = tuple[Danger | None, bool]  # what the classifier finds in a text, and whether a phrase in it is sure


def nets(texts: Iterable[str], judged: Iterable[Judged]) -> dict[str, np.ndarray]:
    """Returns, for each way to recognize dangers, a boolean array that says of each text whether it is recognized.

    ``phrases`` recognizes any emergency phrase; ``hard`` a phrase that the classifier does not doubt, or a danger that
    it is sure of; ``soft`` any phrase or possible danger. ``judged`` has an item per text.
    """
    pairs = list(zip(texts, judged, strict=True))
    phrases = np.array([find(text) is not None for text, _ in pairs])
    kept = np.array([is_sure for _, (_, is_sure) in pairs])
    sure = np.array([one is not None and one.sure for _, (one, _) in pairs])
    possible = np.array([one is not None and one.possible(despite_answer=False) for _, (one, _) in pairs])
    return {"phrases": phrases, "hard": kept | sure, "soft": phrases | possible}


def row(name: str, caught: dict[str, np.ndarray], among: np.ndarray) -> str:
    return f"| {name} | {among.sum()} | {' | '.join(shown(caught[net][among]) for net in NETS)} |"


def classifier(space: Vectorizer, sentences: Sequence[Sentence]) -> Classifier:
    learnt = (*sentences, *load_small_talk(), *load_harmless_commands())
    rows = space.rows(tuple(one.text for one in learnt))
    return learn(rows, [one.kind for one in learnt], space.ordinary, tuned().risk).classifier()


def judged_by(space: Vectorizer, text: str, learnt: Classifier) -> Judged:
    danger = danger_in(space.rows((text,)), learnt)
    phrases = PhraseDangers(lambda sentence: danger_in(space.rows((sentence,)), learnt))
    return in_earnest(text, danger), phrases.sure(text, danger) is not None


def print_by_kind(sentences: Sequence[Sentence], judged: list[Judged]) -> None:
    caught = nets((one.text for one in sentences), judged)
    kinds = np.array([one.kind for one in sentences])
    print(f"| | sentences | {' | '.join(NETS)} |\n|---|---|---|---|---|")  # noqa: T201
    for kind in sorted(set(kinds) - {""}):
        print(row(kind, caught, kinds == kind))  # noqa: T201
    print(row("all dangers", caught, kinds != ""))  # noqa: T201
    print(row("harmless", caught, kinds == ""))  # noqa: T201
    right = [one is not None and one.kind == kind for (one, _), kind in zip(judged, kinds, strict=True) if kind]
    print(f"\nOf the dangers, {np.mean(right):.3f} are of the likeliest kind.\n")  # noqa: T201


def print_ordinary(space: Vectorizer, learnt: Classifier) -> None:
    names, texts = zip(*ordinary(), strict=True)
    caught = nets(texts, [judged_by(space, text, learnt) for text in texts])
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
        print_by_kind(unseen, [judged_by(space, one.text, learnt) for one in unseen])
    print_ordinary(space, learnt)


if __name__ == "__main__":
    main()
