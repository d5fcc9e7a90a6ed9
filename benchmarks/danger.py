"""Measures how well the sentences of data/danger recognize dangers: ``python -m benchmarks.danger [--test folder]``.

Leaves out one author at a time, learns from the others, and judges the sentences left out. Prints, for each kind, the
share of dangers that the phrases alone, the hard net (phrases or a sure classifier) and the soft net recognize, and
the same for harmless sentences and for the ordinary messages of this folder. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from bot.core.settings import load_settings
from bot.crisis.emergency import find
from bot.crisis.sentences import Sentence, load_sentences, load_small_talk
from bot.faq.publishing.load import load_vectorizer
from bot.faq.ranking.risk import Danger, Dangers, learn
from bot.faq.ranking.vectorizer import Vectorizer

HERE = Path(__file__).parent
ORDINARY = ("held_out", "dev", "fresh", "far")
NETS = ("phrases", "hard", "soft")


def ordinary() -> Iterator[tuple[str, str]]:
    for name in ORDINARY:
        for line in (HERE / f"{name}_messages.jsonl").read_text(encoding="utf-8").splitlines():
            if "text" in (raw := json.loads(line)):
                yield name, raw["text"]


def nets(texts: Iterable[str], judged: Iterable[Danger | None]) -> dict[str, np.ndarray]:
    """Returns, for each net, whether it recognizes each text as a danger; ``judged`` is the classifier's judgement."""
    phrases = np.array([find(text) is not None for text in texts])
    dangers = list(judged)
    sure = np.array([one is not None and one.sure for one in dangers])
    possible = np.array([one is not None and one.possible(despite_answer=False) for one in dangers])
    return {"phrases": phrases, "hard": phrases | sure, "soft": phrases | possible}


def wilson(hits: int, total: int) -> tuple[float, float, float]:
    """Returns the share of hits, and the ends of its 95 % interval."""
    share, z2 = hits / total, 1.96**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = 1.96 * np.sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return share, middle - half, middle + half


def row(name: str, caught: dict[str, np.ndarray], among: np.ndarray) -> str:
    shares = (wilson(int(caught[net][among].sum()), int(among.sum())) for net in NETS)
    cells = " | ".join(f"{share:.3f} ({low:.2f}-{high:.2f})" for share, low, high in shares)
    return f"| {name} | {among.sum()} | {cells} |"


def classifier(space: Vectorizer, sentences: list[Sentence]) -> Dangers:
    learnt = (*sentences, *load_small_talk())
    return learn(space.rows(tuple(one.text for one in learnt)), [one.kind for one in learnt], space.ordinary)


def left_out(space: Vectorizer, sentences: list[Sentence]) -> list[Danger | None]:
    """Judges each sentence with a classifier that learnt nothing of its author."""
    judged: list[Danger | None] = [None] * len(sentences)
    for author in sorted({one.author for one in sentences}):
        learnt = classifier(space, [one for one in sentences if one.author != author])
        for number, one in enumerate(sentences):
            if one.author == author:
                judged[number] = learnt.judge(space.rows((one.text,)))
    return judged


def print_by_kind(sentences: list[Sentence], judged: list[Danger | None]) -> None:
    caught = nets((one.text for one in sentences), judged)
    kinds = np.array([one.kind for one in sentences])
    print(f"| | sentences | {' | '.join(NETS)} |\n|---|---|---|---|---|")  # noqa: T201
    for kind in sorted(set(kinds) - {""}):
        print(row(kind, caught, kinds == kind))  # noqa: T201
    print(row("all dangers", caught, kinds != ""))  # noqa: T201
    print(row("harmless", caught, kinds == ""))  # noqa: T201
    right = [one is not None and one.kind == kind for one, kind in zip(judged, kinds, strict=True) if kind]
    print(f"\nOf the dangers, {np.mean(right):.3f} are of the likeliest kind.\n")  # noqa: T201


def print_ordinary(space: Vectorizer, learnt: Dangers) -> None:
    names, texts = zip(*ordinary(), strict=True)
    caught = nets(texts, [learnt.judge(space.message(text)) for text in texts])
    for name in ORDINARY:
        print(row(f"ordinary: {name}", caught, np.array(names) == name))  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--test", type=Path, help="a folder of unseen sentences, with files like those of data/danger")
    test: Path | None = parser.parse_args().test
    space = load_vectorizer(load_settings())
    sentences = list(load_sentences())
    if test is None:
        print_by_kind(sentences, left_out(space, sentences))
    learnt = classifier(space, sentences)
    if test is not None:
        unseen = list(load_sentences(test))
        print_by_kind(unseen, [learnt.judge(space.message(one.text)) for one in unseen])
    print_ordinary(space, learnt)


if __name__ == "__main__":
    main()
