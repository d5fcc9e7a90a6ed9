"""Measures the answerer on messages that nobody trained on, beside a floor: ``python benchmarks/answering.py [FILE]``.

FILE holds one JSON object a line: ``text``, ``faq`` (the entry that answers it, or null) and ``kind`` (in, near, far).
Prints one table in Markdown. Nothing is fitted on FILE: thresholds are those of the publish.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bot.agency import load_agency
from bot.faq.answerer import Answerer, Decision
from bot.faq.load import load_answerer
from bot.messages import Candidate
from bot.settings import ROOT, Settings

DEFAULT = ROOT / "benchmarks" / "dev_messages.jsonl"
FLOOR_THRESHOLD = 0.3
BINS = 10
Answering = Callable[[str], Decision]


@dataclass(frozen=True)
class Message:
    """One line of the file."""

    text: str
    faq: str | None
    kind: str


@dataclass(frozen=True)
class Outcome:
    """What a system did with a message: its decision, the candidates in order, and how long it took."""

    message: Message
    decision: Decision
    milliseconds: float

    @property
    def chance(self) -> float:
        return self.decision.candidates[0].confidence if self.decision.candidates else 0.0

    @property
    def ranked(self) -> list[str]:
        return [candidate.entry for candidate in self.decision.candidates]

    @property
    def answered(self) -> bool:
        return self.decision.kind == "answer"

    @property
    def right(self) -> bool:
        return self.message.faq is not None and self.ranked[:1] == [self.message.faq]


def read_messages(path: Path) -> list[Message]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Message(row["text"], row["faq"], row["kind"]) for row in map(json.loads, lines)]


def run(answering: Answering, messages: Sequence[Message]) -> list[Outcome]:
    outcomes = []
    for message in messages:
        began = time.perf_counter()
        decision = answering(message.text)
        outcomes.append(Outcome(message, decision, (time.perf_counter() - began) * 1000))
    return outcomes


def floor(answerer: Answerer) -> Answering:
    """Character TF-IDF and logistic regression on the same wordings, answering above 0.3 as Rasa does by default."""
    pairs = [(text, entry) for entry in answerer.entries for text in (entry.question, *entry.variants)]
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    classifier = LogisticRegression(C=10, max_iter=1000)
    classifier.fit(letters.fit_transform([text for text, _ in pairs]), [entry.id for _, entry in pairs])
    by_id = {entry.id: entry for entry in answerer.entries}

    def answer(text: str) -> Decision:
        chances = classifier.predict_proba(letters.transform([text]))[0]
        best = np.argsort(-chances)[:5]
        names = [(str(classifier.classes_[place]), float(chances[place])) for place in best]
        candidates = tuple(Candidate(name, by_id[name].question, chance) for name, chance in names)
        sure = candidates[0].confidence >= FLOOR_THRESHOLD
        return Decision("answer" if sure else "handoff", candidates, by_id[candidates[0].entry] if sure else None)

    return answer


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The numbers of one system; rates are shares of 1."""
    inside = [one for one in outcomes if one.message.faq is not None]
    given = [one for one in outcomes if one.answered]
    asked = [one for one in inside if one.decision.kind == "clarify"]
    found = [one for one in asked if one.message.faq in one.ranked]
    direct = [one for one in inside if one.answered and one.right]
    return {
        "top-1": share(one.right for one in inside),
        "top-3": share(one.message.faq in one.ranked[:3] for one in inside),
        "AUROC near": auroc(outcomes, "near"),
        "AUROC far": auroc(outcomes, "far"),
        "precision": share(one.right for one in given),
        "right answers": len(direct) / max(len(inside), 1),
        "right or offered": (len(direct) + len(found)) / max(len(inside), 1),
        "offer holds it": share(one.message.faq in one.ranked for one in asked),
        "near answered": share(one.answered for one in outcomes if one.message.kind == "near"),
        "far answered": share(one.answered for one in outcomes if one.message.kind == "far"),
        "near offered": share(one.decision.kind == "clarify" for one in outcomes if one.message.kind == "near"),
        "ECE": calibration_error(outcomes),
        "p50 ms": float(np.percentile([one.milliseconds for one in outcomes], 50)),
        "p95 ms": float(np.percentile([one.milliseconds for one in outcomes], 95)),
    }


def share(values: object) -> float:
    listed = [bool(value) for value in values]  # type: ignore[attr-defined]
    return sum(listed) / len(listed) if listed else float("nan")


def auroc(outcomes: Sequence[Outcome], kind: str) -> float:
    chosen = [one for one in outcomes if one.message.faq is not None or one.message.kind == kind]
    labels = [one.message.faq is not None for one in chosen]
    return float(roc_auc_score(labels, [one.chance for one in chosen])) if len(set(labels)) > 1 else float("nan")


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error in ten equal bins."""
    bins: dict[int, list[Outcome]] = {}
    for one in outcomes:
        bins.setdefault(min(int(one.chance * BINS), BINS - 1), []).append(one)
    gaps = (
        len(group) * abs(share(o.right for o in group) - np.mean([o.chance for o in group])) for group in bins.values()
    )
    return float(sum(gaps)) / max(len(outcomes), 1)


def worst(outcomes: Sequence[Outcome], count: int) -> list[str]:
    """Wrong answers given, surest first."""
    wrong = sorted((one for one in outcomes if one.answered and not one.right), key=lambda one: -one.chance)
    return [
        f"- {one.chance:.2f} {one.ranked[0]} <- {one.message.faq} ({one.message.kind}): {one.message.text}"
        for one in wrong[:count]
    ]


def table(columns: dict[str, dict[str, float]]) -> str:
    names = list(next(iter(columns.values())))
    rows = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    return "\n".join(
        rows + [f"| {name} | " + " | ".join(f"{c[name]:.3f}" for c in columns.values()) + " |" for name in names]
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    arguments.add_argument("--worst", type=int, default=0, help="list so many wrong answers")
    chosen = arguments.parse_args()
    settings = Settings()
    answerer = load_answerer(settings, load_agency(settings.agency_file))
    messages = read_messages(chosen.file)
    ours = run(lambda text: answerer.answer(text, today=date.today()), messages)
    columns = {"Ventanilla": figures(ours), "char TF-IDF + LR": figures(run(floor(answerer), messages))}
    lines = [
        table(columns),
        f"\n{len(messages)} messages; thresholds {answerer.thresholds}",
        *worst(ours, chosen.worst),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
