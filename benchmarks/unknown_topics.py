"""Measures the answers to messages about topics that no catalogue lists: ``python benchmarks/unknown_topics.py``.

Splits the out-of-scope topics (data/atlas) into two random halves. Each half in turn is left out of the published FAQ;
its utterances are then sent as messages about unknown topics, together with the in-scope messages of both sets. The
encoder was tuned on these utterances, so the results are optimistic. ``--among FILE`` leaves out only topics named in
FILE: for example, those on which another encoder (FAQ_ENCODER) was not tuned. ``--at-once`` leaves out all topics
together instead of the two halves in turn.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from material import SETS, Material, markdown, shown

from bot.core.settings import Settings
from bot.evaluation.queries import Query
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer
from bot.faq.ranking.background import OutOfScopeTopic

SEED = 1
UNKNOWN = "unknown"
HEADINGS = ("left out", "matters", "messages", "answered", "AUROC", "of answers, right", "in scope right", "clarified")


@dataclass(frozen=True)
class Cut:
    """A set of topics to leave out, with a name for the table."""

    name: str
    left_out: frozenset[str]


def report_without(material: Material, cut: Cut, inside: Sequence[Query]) -> Report:
    """Returns the report on the messages in scope and on the utterances of the topics of ``cut``.

    The FAQ that answers them is published without these topics.
    """
    out_of_scope_topics = material.background.out_of_scope_topics
    known = tuple(
        out_of_scope_topic for out_of_scope_topic in out_of_scope_topics if out_of_scope_topic.name not in cut.left_out
    )
    vectorizer = material.vectorizer(replace(material.background, out_of_scope_topics=known))
    unknown = [
        out_of_scope_topic for out_of_scope_topic in out_of_scope_topics if out_of_scope_topic.name in cut.left_out
    ]
    answerer = Answerer(material.entries, vectorizer, material.agency)
    return material.report(answerer, [*inside, *_messages(unknown)])


def halves(out_of_scope_topics: Iterable[str]) -> list[Cut]:
    """Splits the topics into two halves, with a fixed seed."""
    names = sorted(out_of_scope_topics)
    random.Random(SEED).shuffle(names)  # noqa: S311 - no secret
    middle = len(names) // 2
    return [Cut("one half", frozenset(names[:middle])), Cut("the other half", frozenset(names[middle:]))]


def _messages(out_of_scope_topics: Sequence[OutOfScopeTopic]) -> Iterator[Query]:
    return (
        Query((text,), None, UNKNOWN)
        for out_of_scope_topic in out_of_scope_topics
        for text in out_of_scope_topic.utterances
    )


def row(cut: Cut, report: Report) -> list[object]:
    """Returns the table row of a cut."""
    low, high = report.outside_intervals[UNKNOWN] or (0.0, 0.0)
    rates = [report.rates[name].value for name in ("precision", "right", "clarified")]
    asked = len(report.outcomes) - report.inside
    answered = f"{shown(report.outside[UNKNOWN].value)} ({low:.3f}-{high:.3f})"
    return [cut.name, len(cut.left_out), asked, answered, report.auroc[UNKNOWN], *rates]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--among", type=Path, help="leave out only matters named in this file, one id a line")
    arguments.add_argument("--at-once", action="store_true", help="leave them out at once, not a half at a time")
    chosen = arguments.parse_args()
    material = Material.from_settings(Settings())
    inside = [query for name in SETS for query in material.messages(name) if query.wanted]
    names = {out_of_scope_topic.name for out_of_scope_topic in material.background.out_of_scope_topics}
    if chosen.among:
        names &= set(chosen.among.read_text(encoding="utf-8").split())
    cuts = [Cut("all of them", frozenset(names))] if chosen.at_once else halves(names)
    rows = [row(cut, report_without(material, cut, inside)) for cut in cuts]
    sys.stdout.write(f"{len(inside)} messages in scope\n\n{markdown(HEADINGS, rows)}\n")


if __name__ == "__main__":
    main()
