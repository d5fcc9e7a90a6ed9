"""Reads the sentences of data/danger: messages of people in danger, and harmless ones that only sound like them.

A file is named after its kind of danger, a key of ``emergencias`` in agency.yml, or HARMLESS; an agency may add files
such as ``gas.propias.txt``. Each line is a message; empty lines and lines that begin with # are skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.core.settings import ROOT

FOLDER = ROOT / "data" / "danger"
HARMLESS = "inofensivas"


@dataclass(frozen=True)
class Sentences:
    """Sentences, and the kind of danger of each; '' for a harmless one."""

    texts: tuple[str, ...]
    kinds: tuple[str, ...]


def load_sentences(folder: Path = FOLDER) -> Sentences:
    """Reads all files of the folder, by name; an empty result if there is no folder."""
    found = [(line, kind_of(path)) for path in sorted(folder.glob("*.txt")) for line in _lines(path)]
    return Sentences(tuple(line for line, _ in found), tuple(kind for _, kind in found))


def kind_of(path: Path) -> str:
    """Returns the kind of danger that the file's name begins with; '' for harmless sentences."""
    kind = path.name.partition(".")[0]
    return "" if kind == HARMLESS else kind


def _lines(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
