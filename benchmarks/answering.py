"""Measures the answerer on messages that nobody trained on, beside a floor: ``python benchmarks/answering.py [FILE]``.

FILE is what ``ventanilla eval`` takes (docs/evaluation.md defines format and numbers). Prints one table in Markdown.
Nothing is fitted on FILE: thresholds are those of the publish.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.agency import load_agency
from bot.evaluation.asking import Answers, Setup, ask_all
from bot.evaluation.queries import Query, load
from bot.evaluation.report import Report, to_json, wrong_lines
from bot.faq.answerer import Answerer, Decision
from bot.faq.calibration import Thresholds
from bot.faq.context import NO_CONTEXT, Context
from bot.faq.load import load_answerer
from bot.messages import Candidate
from bot.settings import ROOT, Settings

DEFAULT = ROOT / "benchmarks" / "dev_messages.jsonl"
FLOOR_THRESHOLD = 0.3
CONSIDERED = 5
NOT_SHOWN = {"n", "n_in", "intervals", "confusions", "thresholds"}


class Floor:
    """Character TF-IDF and logistic regression on the same wordings, answering above 0.3 as Rasa does by default."""

    thresholds = Thresholds(answer=FLOOR_THRESHOLD, offer=1.0)

    def __init__(self, answerer: Answerer) -> None:
        pairs = [(text, entry) for entry in answerer.entries for text in entry.wordings]
        self._letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        self._classifier = LogisticRegression(C=10, max_iter=1000)
        rows = self._letters.fit_transform([text for text, _ in pairs])
        self._classifier.fit(rows, [entry.id for _, entry in pairs])
        self._entries = {entry.id: entry for entry in answerer.entries}

    def answer(self, text: str, *, today: date, context: Context = NO_CONTEXT) -> Decision:
        chances = self._classifier.predict_proba(self._letters.transform([text]))[0]
        best = np.argsort(-chances)[:CONSIDERED]
        names = [(str(self._classifier.classes_[place]), float(chances[place])) for place in best]
        candidates = tuple(Candidate(name, self._entries[name].question, chance) for name, chance in names)
        if candidates[0].confidence < FLOOR_THRESHOLD:
            return Decision("handoff", candidates)
        return Decision("answer", candidates, self._entries[candidates[0].entry])


def report(answers: Answers, queries: Sequence[Query], setup: Setup, thresholds: Thresholds) -> Report:
    """What one system does with the messages."""
    return Report.from_outcomes(list(ask_all(answers, queries, setup)), thresholds)


def table(reports: dict[str, Report]) -> str:
    """One column a system, one row a number, in Markdown."""
    columns = [_flat(one) for one in reports.values()]
    rows = ["| | " + " | ".join(reports) + " |", "|---" * (len(reports) + 1) + "|"]
    for name in columns[0]:
        rows.append(f"| {name} | " + " | ".join(_shown(column[name]) for column in columns) + " |")
    return "\n".join(rows)


def _flat(one: Report) -> dict[str, float | None]:
    """The numbers by name, those by kind as ``auroc near``."""
    flat: dict[str, float | None] = {}
    for name, value in to_json(one, worst=0).items():
        if isinstance(value, dict) and name not in NOT_SHOWN:
            flat |= {f"{name} {kind}": number for kind, number in value.items()}
        elif name not in NOT_SHOWN:
            flat[name] = value
    return flat


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("file", nargs="?", type=Path, default=DEFAULT)
    arguments.add_argument("--worst", type=int, default=0, help="list so many wrong answers")
    chosen = arguments.parse_args()
    settings = Settings()
    agency = load_agency(settings.agency_file)
    answerer = load_answerer(settings, agency)
    read = load(chosen.file, {entry.id for entry in answerer.entries})
    if read.problems:
        sys.exit("\n".join(problem.words(chosen.file.name) for problem in read.problems))
    setup, floor = Setup(date.today(), agency.max_choices), Floor(answerer)
    ours = report(answerer, read.queries, setup, answerer.thresholds)
    reports = {"Ventanilla": ours, "char TF-IDF + LR": report(floor, read.queries, setup, floor.thresholds)}
    told = f"\n{len(read.queries)} messages; thresholds {answerer.thresholds}"
    sys.stdout.write("\n".join([table(reports), told, *wrong_lines(ours, chosen.worst)]) + "\n")


if __name__ == "__main__":
    main()
