"""Reads the invented agencies of ``data/encoder/agencies``, which teach the encoder to distinguish similar requests.

Each file describes one agency: ``# name``; sections ``## question`` with ``> answer``, an utterance per line and
perhaps counterexamples (``no responde: text``); and sections ``## - topic`` with utterances about a topic that no
answer covers. The agencies have other subjects than the FAQ, so that the encoder also learns to distinguish requests
about other subjects. ``data/encoder/borders`` has the same format, with longer answers: its utterances are what a
sentence of the answer settles, its counterexamples what none does. Only benchmarks/train_verifier.py reads it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.faq.encoder.folder import ADAPTER
from bot.faq.entries.phrases import COUNTEREXAMPLE
from bot.tuning.sampling import TrainingTopic

FOLDER = ADAPTER.parent / "agencies"
BORDERS = ADAPTER.parent / "borders"
ENTRY, MATTER, ANSWER = "## ", "## - ", "> "


def read_agencies(folder: Path = FOLDER) -> tuple[tuple[TrainingTopic, ...], ...]:
    """Returns the topics of each agency, in the order of the files' names. Raises ValueError if a file is invalid."""
    return tuple(_topics(path) for path in sorted(folder.glob("*.txt")))


def _topics(path: Path) -> tuple[TrainingTopic, ...]:
    topics: list[TrainingTopic] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not (text := line.strip()) or text.startswith("# "):
            continue
        if text.startswith(ENTRY):
            topics.append(TrainingTopic(f"{path.stem}/{text}", (), () if text.startswith(MATTER) else (text[3:],)))
        elif not topics:
            raise ValueError(f"{path.name}, line {number}: an utterance before the first «{ENTRY.strip()}»")
        elif text.startswith(ANSWER):
            topics[-1] = replace(topics[-1], written=(*topics[-1].written, text[2:]))
        elif denied := COUNTEREXAMPLE.match(text):
            topics[-1] = replace(topics[-1], denied=(*topics[-1].denied, text[denied.end() :]))
        else:
            topics[-1] = replace(topics[-1], said=(*topics[-1].said, text))
    if bare := [topic.name for topic in topics if not topic.said]:
        raise ValueError(f"{path.name}: no utterances of {bare[0]}")
    return tuple(topics)
