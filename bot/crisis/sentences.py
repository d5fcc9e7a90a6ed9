"""Reads sentences.yml: what people write in danger, and what only sounds like it. Called by bot/faq and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).with_suffix(".yml")
HARMLESS = "inofensivas"


@dataclass(frozen=True)
class Sentences:
    """Each once, in the order of the file."""

    dangers: tuple[str, ...]
    harmless: tuple[str, ...]


def load_sentences(path: Path = FILE) -> Sentences:
    """Of all kinds of danger together."""
    raw: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    harmless = tuple(raw.pop(HARMLESS))
    return Sentences(tuple(sentence for sentences in raw.values() for sentence in sentences), harmless)
