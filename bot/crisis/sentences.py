"""Reads sentences.yml: sentences of people in danger, and harmless sentences that only sound like them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_suffix(".yml")
HARMLESS = "inofensivas"


@dataclass(frozen=True)
class Sentences:
    """The dangerous and the harmless sentences, in the order of the file."""

    dangers: tuple[str, ...]
    harmless: tuple[str, ...]


def load_sentences(path: Path = FILE) -> Sentences:
    """Reads the file and merges the sentences of all kinds of danger into one sequence."""
    raw: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    harmless = tuple(raw.pop(HARMLESS))
    return Sentences(tuple(sentence for sentences in raw.values() for sentence in sentences), harmless)
