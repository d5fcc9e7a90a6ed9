"""Measures the answers to messages on which nothing was tuned: ``python benchmarks/unseen.py [--development]``.

The messages ask about other aspects of entries, are long and spoken, or are follow-ups; messages for small agencies are
answered from the agency's 20 entries with three variants each. The files of benchmarks/unseen were used once, after all
choices were made; ``--development`` uses the messages on which choices were made. The authors of messages had not seen
the entries' utterances.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from fit_calibration import ASPECT_AUTHORS, IN, NEAR, Set, agencies
from material import Material, markdown

from bot.core.settings import ROOT, Settings
from bot.evaluation.intervals import Interval
from bot.evaluation.queries import Query, load
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer
from bot.faq.ranking.vectorizer import Vectorizer

FOLDER = ROOT / "benchmarks"
FILES = {"aspects": "aspects", "long messages": "run_ons", "follow-ups": "follow_ups"}
DEVELOPMENT = {"aspects": "aspect", "long messages": "run_on", "follow-ups": "follow_up"}
HEADINGS = ("messages", "kind", "number", "first", "answered right", "right or offered", "answered")


def files(*, development: bool) -> dict[str, Path]:
    """Returns the file of each set of messages, keyed by the set's name."""
    if development:
        return {name: FOLDER / f"{file}_messages.jsonl" for name, file in DEVELOPMENT.items()}
    return {name: FOLDER / "unseen" / f"{file}.jsonl" for name, file in FILES.items()}


def queries(path: Path, ids: set[str]) -> tuple[Query, ...]:
    """Reads the messages of the file ``path``; ``ids`` are the ids of all entries.

    Raises ValueError that lists all problems.
    """
    read = load(path, ids)
    if read.problems:
        raise ValueError("\n".join(problem.words(path.name) for problem in read.problems))
    return read.queries


def rows(name: str, report: Report) -> Iterator[tuple[object, ...]]:
    """Yields a row for each kind of message, and one with the share of right answers among all answers."""
    kinds = dict.fromkeys(one.query.kind for one in report.outcomes)
    for kind in kinds:
        part = Report.from_outcomes([one for one in report.outcomes if one.query.kind == kind], report.thresholds)
        if part.inside:
            shares = [_share(part, rate) for rate in ("top1", "right", "right_or_offered", "coverage")]
        else:
            shares = ["", "", "", _words(part.outside[kind].value, part.outside_intervals[kind])]
        yield name, kind, len(part.outcomes), *shares
    yield (
        name,
        "of answers, right",
        sum(one.answered for one in report.outcomes),
        "",
        _share(report, "precision"),
        "",
        "",
    )


def _share(report: Report, name: str) -> str:
    return _words(report.rates[name].value, report.intervals[name])


def _words(value: float | None, interval: Interval | None) -> str:
    return "" if value is None or interval is None else f"{value:.3f} ({interval[0]:.2f}-{interval[1]:.2f})"


def of_agency(material: Material, vectorizer: Vectorizer, one: Set) -> Report:
    """Returns the report on an agency's messages, answered from that agency's entries only."""
    asked = [Query((message.text,), message.entry, IN if message.entry else NEAR) for message in one.messages]
    return material.report(Answerer(one.entries, vectorizer, material.agency), asked)


def main(*, development: bool) -> None:
    material = Material.from_settings(Settings())
    vectorizer = material.vectorizer()
    if development:
        vectorizer = vectorizer.without_authors(ASPECT_AUTHORS)
    answerer = Answerer(material.entries, vectorizer, material.agency)
    ids, table = {entry.id for entry in material.entries}, []
    for name, path in files(development=development).items():
        table += rows(name, material.report(answerer, queries(path, ids)))
    path = FOLDER / "other_agencies.jsonl" if development else FOLDER / "unseen" / "agencies.jsonl"
    for one in agencies([], path):
        table += rows(one.name, of_agency(material, vectorizer, one))
    sys.stdout.write(markdown(HEADINGS, table) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures messages that nobody tuned on.")
    parser.add_argument("--development", action="store_true", help="ask the messages on which choices were made")
    main(development=parser.parse_args().development)
