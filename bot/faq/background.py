"""Reads what citizens write about that the FAQ does not answer, so that it is recognised instead of mistaken.

Called by ``load``; used by ``space`` and ``calibration``. Two kinds: *matters* of public services that other bodies or
offices see to (data/atlas/*.csv, a spreadsheet), near to the FAQ; *themes* of everyday talk (data/background.txt), far
from it. Both are examples of messages that must not be answered.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORDINGS, SEPARATOR = "formas", "|"
THEME, COMMENT = "#", ";"


@dataclass(frozen=True)
class Group:
    """Wordings that are about one thing."""

    name: str
    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Background:
    """``matters`` are near to public services, ``themes`` are far from them."""

    matters: tuple[Group, ...]
    themes: tuple[Group, ...]


def load_background(data_dir: Path) -> Background:
    """Reads the files below ``data_dir``; what is missing is empty."""
    tables = sorted((data_dir / "atlas").glob("*.csv"))
    matters = tuple(group for table in tables for group in _matters(table))
    talk = data_dir / "background.txt"
    return Background(matters, tuple(_themes(talk)) if talk.is_file() else ())


def _matters(table: Path) -> Iterator[Group]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            wordings = tuple(part.strip() for part in (row.get(WORDINGS) or "").split(SEPARATOR) if part.strip())
            if wordings:
                yield Group(row.get("id") or table.stem, wordings)


def _themes(path: Path) -> Iterator[Group]:
    themes: dict[str, list[str]] = {}
    name = path.stem
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        if line.startswith(THEME):
            name = line.removeprefix(THEME).strip()
        elif not line.startswith(COMMENT):
            themes.setdefault(name, []).append(line)
    return (Group(name, tuple(wordings)) for name, wordings in themes.items())
