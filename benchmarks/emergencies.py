"""Measures how many emergencies are recognized, and how many ordinary messages are mistaken for one.

Usage: ``python benchmarks/emergencies.py``. Like the assistant, it tries the phrases of bot/crisis first, then the
answerer; it does not ask Rasa for the intent. Prints, for each group of sentences in FILES and for this
folder's ordinary messages, how many sentences each step recognized.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.agency.model import load_agency
from bot.core.settings import load_settings
from bot.core.yaml import read_yaml_file
from bot.crisis.emergency import find
from bot.faq.answering.answerer import Answerer
from bot.faq.publishing.load import load_answerer
from bot.faq.ranking.sentences import LOOK_ALIKES

HERE = Path(__file__).parent
ORDINARY = ("held_out", "dev", "far")
FILES = ("emergencies.yml", "near_dangers.yml")


def sentences() -> Iterator[tuple[str, str]]:
    """Yields the sentences of FILES and the single-turn messages of ORDINARY, each as (group, text)."""
    groups = (group for file in FILES for group in read_yaml_file(HERE / file).items())
    for name, kinds in groups:
        for kind, texts in kinds.items():
            yield from ((f"{name}, {'harmless' if kind in LOOK_ALIKES else 'danger'}", text) for text in texts)
    for name in ORDINARY:
        lines = (HERE / f"{name}_messages.jsonl").read_text(encoding="utf-8").splitlines()
        yield from (("ordinary messages", raw["text"]) for raw in map(json.loads, lines) if "text" in raw)


def recognised_by(answerer: Answerer, text: str) -> str:
    """Returns the step that recognizes an emergency in the text, ``nobody`` if no step does.

    ``phrases``, ``out_of_scope_topic`` and ``sure`` open a ticket of the highest priority. ``possible`` only shows the
    emergency number above the reply; this is also the result for a phrase that the classifier doubts.
    """
    danger = answerer.danger(text)
    if find(text) and danger and danger.sure:
        return "phrases"
    decision = answerer.answer(text, today=date.today())
    if decision.out_of_scope_topic and decision.out_of_scope_topic.emergency:
        return "out_of_scope_topic"
    if decision.danger:
        return "sure" if decision.danger.sure else "possible"
    return "nobody"


def main() -> None:
    """Prints a line for each group."""
    settings = load_settings()
    answerer = load_answerer(settings, load_agency(settings.agency_file))
    counts: dict[str, Counter[str]] = {}
    for group, text in sentences():
        counts.setdefault(group, Counter())[recognised_by(answerer, text)] += 1
    for group, found in counts.items():
        print(f"{group:22}{found.total():5}  {dict(found)}")  # noqa: T201


if __name__ == "__main__":
    main()
