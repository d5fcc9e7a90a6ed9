"""Fits the coefficients for messages that follow an answer: ``python benchmarks/fit_follow_ups.py [--write]``.

Prints the shares of right answers, each message being judged with coefficients that were fitted without the
conversations about its entry, and then the coefficients of the section ``following`` of coefficients.yml; ``--write``
saves them. FILES gives the weight of each kind of message, PUBLISHED that of each publication: the FAQ with all its
utterances, and with three an entry, with as many counterexamples or without any. The first turn of a conversation is
answered by the answerer; conversations without an answer are left out. The answerer is trained without the sentences of
authors who also wrote test messages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from fit_calibration import ASPECT_AUTHORS, SEEDS, cut
from material import Material
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.conversation.dialogue import REMEMBERED_CHARACTERS
from bot.core.settings import Settings
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import FILE, tuned
from bot.faq.ranking.feature_names import FollowFeature
from bot.faq.ranking.features import Features
from bot.faq.ranking.refit import DIGITS, refitted_model

# The weights give messages that no entry answers about the same share in each file.
FILES = {
    "follow_up_messages.jsonl": {"same": 1.0, "other": 1.0, "none": 1.0},
    "short_follow_ups.jsonl": {"same": 0.5, "other": 0.5, "none": 0.24, "talk": 0.15},
    "blind_follow_ups.jsonl": {"same": 1.0, "other": 1.0, "none": 0.6},
}
FEW = 3
PUBLISHED = {"all": 1.0, f"{FEW}, with counterexamples": 0.35, f"{FEW}": 0.35}
FOLDS = 8
PENALTY = 1.0
TODAY = date(2026, 1, 1)
Model = tuple[float, NDArray[np.float64]]


@dataclass(frozen=True)
class Example:
    """A message after the entry ``previous``; ``hits`` marks the row of ``features`` of the right entry."""

    kind: str
    weight: float
    previous: str
    features: Features
    hits: NDArray[np.bool_]


def examples(answerer: Answerer, published: str) -> Iterator[Example]:
    """Yields the messages of FILES as judged by ``answerer``; ``published`` is its key in PUBLISHED."""
    index, _ = answerer.ranked

    @cache
    def answers(first: str) -> tuple[Entry, ...]:
        return answerer.answer(first, today=TODAY).answers

    for name, weights in FILES.items():
        lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
        for one in map(json.loads, lines):
            first, text = one["turns"]
            if not answers(first):
                continue
            before = Context(previous=answers(first)[-1].id, question=first[:REMEMBERED_CHARACTERS])
            found = answerer.following(text, before)
            hits = np.array([candidate.entry == one["faq"] for candidate in found.candidates])
            kind = one["kind"]
            weight = PUBLISHED[published] * weights[kind]
            yield Example(f"{published}: {name} {kind}", weight, found.previous, found.features(index), hits)


def fitted(shown: Sequence[Example]) -> Model:
    """Fits a logistic regression on the examples and returns its intercept and coefficients."""
    rows, hits = np.concatenate([one.features for one in shown]), np.concatenate([one.hits for one in shown])
    weight = np.repeat([one.weight for one in shown], [len(one.hits) for one in shown])
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    model = LogisticRegression(C=1 / PENALTY, max_iter=5000).fit((rows - middle) / spread, hits, weight)
    coefficients = model.coef_[0] / spread
    return float(model.intercept_[0] - coefficients @ middle), coefficients


def left_out(shown: Sequence[Example], thresholds: Mapping[str, float]) -> Iterator[str]:
    """Yields a line per kind of message: its messages, those answered, and those answered right.

    Each message is judged with coefficients fitted without the conversations about its entry. ``thresholds`` contains
    the threshold of each publication.
    """
    count: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for rest, some in GroupKFold(FOLDS).split(shown, groups=[one.previous for one in shown]):
        intercept, coefficients = fitted([shown[number] for number in rest])
        for one in (shown[number] for number in some):
            odds = intercept + one.features @ coefficients
            answered = bool(1 / (1 + np.exp(-odds.max())) >= thresholds[one.kind.partition(":")[0]])
            count[one.kind].append((answered, answered and bool(one.hits[odds.argmax()])))
    for kind, found in count.items():
        answered, right = np.sum(found, axis=0)
        yield f"{kind:60} {len(found):4} answered {answered:4} right {right:4}\n"


def main(*, write: bool) -> None:
    material = Material.from_settings(Settings())
    vectorizer = material.vectorizer().without_authors(ASPECT_AUTHORS)
    few = [[cut(entry, FEW, seed) for entry in material.entries] for seed in SEEDS]
    shown: list[Example] = []
    thresholds: dict[str, float] = {}
    for name, entries in zip(PUBLISHED, (material.entries, *few), strict=True):
        answerer = Answerer(entries, vectorizer, material.agency)
        thresholds[name] = max(answerer.thresholds.answer, tuned().following.minimum_answer)
        shown += examples(answerer, name)
    sys.stdout.writelines(left_out(shown, thresholds))
    model = fitted(shown)
    for name, value in zip(("intercept", *FollowFeature), (model[0], *model[1]), strict=True):
        sys.stdout.write(f"{name:24} {value:8.{DIGITS}f}\n")
    if write:
        named = dict(zip(FollowFeature, map(float, model[1]), strict=True))
        content = refitted_model(FILE.read_text(encoding="utf-8"), "following", model[0], named)
        FILE.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Fits the coefficients for messages that follow an answer.")
    parser.add_argument("--write", action="store_true", help="put them into coefficients.yml")
    main(write=parser.parse_args().write)
