"""Measures the ranking on public English datasets: ``python benchmarks/foreign.py FOLDER [--examples 5 30]``.

FOLDER contains banking77_oos.jsonl and clinc_single_domain_oos.jsonl. Each line has a ``text``, ``intent``, ``split``
and ``kind`` (in_scope; id_oos: a held-out intent of the same domain; ood_oos: another domain). Each intent of the train
split becomes an entry with a few of its texts as utterances; the texts of the test split are the messages. Measures
only index and calibration, built as for a published FAQ, with the project's Spanish catalogues as background and
without any. The baseline is character TF-IDF and logistic regression on the same texts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from material import Material, markdown
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.core.messages import Source
from bot.core.settings import Settings
from bot.evaluation.metrics import auroc
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import Background
from bot.faq.ranking.calibration import calibrate
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index

SEED = 1
FILES = {"BANKING77-OOS": "banking77_oos.jsonl", "CLINC": "clinc_single_domain_oos.jsonl"}
IN, NEAR, FAR = "in_scope", "id_oos", "ood_oos"
COLUMNS = ("top1", "auroc near", "auroc far", "precision", "answered in", "answered near", "answered far")
TODAY = date(2026, 1, 1)
NO_BACKGROUND = Background((), ())


@dataclass(frozen=True)
class Message:
    text: str
    intent: str | None
    kind: str


@dataclass(frozen=True)
class Task:
    """A dataset used like an agency: training texts by intent, and test messages."""

    name: str
    learned: dict[str, list[str]]
    asked: list[Message]

    def cut(self, examples: int) -> dict[str, list[str]]:
        """Returns at most ``examples`` texts per intent, drawn with a fixed seed."""
        random = np.random.default_rng(SEED)
        return {
            intent: [texts[place] for place in random.permutation(len(texts))[:examples]]
            for intent, texts in self.learned.items()
        }


@dataclass(frozen=True)
class Result:
    """The results of one system: each message's best intent and that intent's probability.

    The system answers if the probability reaches ``threshold``, which is None if the system has none.
    """

    best: list[str]
    chance: NDArray[np.float64]
    threshold: float | None = None


def published(
    material: Material, learned: dict[str, list[str]], asked: Sequence[Message], background: Background
) -> Result:
    """Indexes the intents as entries, ranks them for every message and returns the result."""
    vectorizer = material.vectorizer(background)
    index = Index([_entry(intent, texts) for intent, texts in learned.items()], vectorizer)
    calibration = calibrate(index, risk=material.agency.risk, choices=material.agency.max_choices)
    evidence = index.evidence(vectorizer.rows(tuple(message.text for message in asked)))
    order, features = likely(evidence, index)
    chances = calibration.probabilities(features)
    top = chances.argmax(axis=1)
    rows = np.arange(len(asked))
    best = [index.ids[number] for number in order[rows, top]]
    return Result(best, chances[rows, top], calibration.thresholds.answer)


def floor(learned: dict[str, list[str]], asked: Sequence[Message]) -> Result:
    """Returns the result of the baseline: character TF-IDF and logistic regression, trained on ``learned``."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    rows = letters.fit_transform([text for texts in learned.values() for text in texts])
    classifier = LogisticRegression(C=10, max_iter=1000)
    classifier.fit(rows, [intent for intent, texts in learned.items() for _ in texts])
    chances = classifier.predict_proba(letters.transform([message.text for message in asked]))
    return Result([str(classifier.classes_[place]) for place in chances.argmax(axis=1)], chances.max(axis=1))


def tasks(folder: Path) -> Iterator[Task]:
    """Yields a task for BANKING77-OOS and one for each domain of CLINC, read from the files in ``folder``."""
    for name, file in FILES.items():
        lines = [json.loads(line) for line in (folder / file).read_text(encoding="utf-8").splitlines() if line]
        for domain in sorted({line.get("domain", "") for line in lines}):
            own = [line for line in lines if line.get("domain", "") == domain]
            learned: dict[str, list[str]] = {}
            for line in own:
                if line["split"] == "train" and line["kind"] == IN:
                    learned.setdefault(line["intent"], []).append(line["text"])
            asked = [Message(one["text"], one["intent"], one["kind"]) for one in own if one["split"] == "test"]
            yield Task(f"{name} {domain}".strip().replace("_", " "), learned, asked)


def measured(result: Result, asked: Sequence[Message]) -> dict[str, float | None]:
    """Returns the measurements of one system, keyed by name; those about answers need a threshold."""
    kind = np.array([message.kind for message in asked])
    right = np.array([message.intent == best for message, best in zip(asked, result.best, strict=True)])
    right &= kind == IN
    numbers: dict[str, float | None] = {"top1": float(right[kind == IN].mean())}
    for name, code in (("near", NEAR), ("far", FAR)):
        numbers[f"auroc {name}"] = auroc(result.chance[kind == IN], result.chance[kind == code])
    if result.threshold is None:
        return numbers
    given = result.chance >= result.threshold
    return numbers | {
        "answered in": float(given[kind == IN].mean()),
        "answered near": float(given[kind == NEAR].mean()),
        "answered far": float(given[kind == FAR].mean()),
        "precision": float(right[given].mean()) if given.any() else None,
    }


def compared(task: Task, examples: int, material: Material) -> Iterator[list[object]]:
    """Yields a row of the table for each system."""
    learned = task.cut(examples)
    results = {
        "Ventanilla, Spanish background": published(material, learned, task.asked, material.background),
        "Ventanilla, no background": published(material, learned, task.asked, NO_BACKGROUND),
        "char TF-IDF + LR": floor(learned, task.asked),
    }
    for name, result in results.items():
        numbers = measured(result, task.asked)
        yield [task.name, examples, name, *(numbers.get(column) for column in COLUMNS)]


def _entry(intent: str, texts: Sequence[str]) -> Entry:
    source = Source("", "")
    return Entry(intent, texts[0], tuple(texts[1:]), intent, "", source, "", TODAY, None, {}, "", "", intent)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--examples", type=int, nargs="+", default=[5, 30])
    chosen = arguments.parse_args()
    material = Material.from_settings(Settings())
    rows: list[list[object]] = []
    for task in tasks(chosen.folder):
        for examples in chosen.examples:
            rows += compared(task, examples, material)
            sys.stderr.write(f"{task.name}, {examples}\n")
    sys.stdout.write(markdown(("set", "examples", "system", *COLUMNS), rows) + "\n")


if __name__ == "__main__":
    main()
