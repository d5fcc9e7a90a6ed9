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
MUNICIPAL = "municipal"
THEME, COMMENT = "#", ";"


@dataclass(frozen=True)
class Group:
    """Wordings that are about one thing."""

    name: str
    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Matter(Group):
    """What somebody else sees to: its ``title`` in Spanish, the ``body`` that sees to it and its page (may be empty).

    ``scope`` is municipal, nacional or privado; ``emergency`` the group of agency.yml's emergencies that answers it, or
    empty.
    """

    title: str = ""
    scope: str = ""
    body: str = ""
    url: str = ""
    emergency: str = ""

    @property
    def is_agencys(self) -> bool:
        """Whether another office of the agency sees to it, so that its staff can help."""
        return self.scope == MUNICIPAL


@dataclass(frozen=True)
class Background:
    """``matters`` are near to public services, ``themes`` are far from them."""

    matters: tuple[Matter, ...]
    themes: tuple[Group, ...]


def load_background(data_dir: Path) -> Background:
    """Reads the files below ``data_dir``; what is missing is empty."""
    tables = sorted((data_dir / "atlas").glob("*.csv"))
    matters = tuple(group for table in tables for group in _matters(table))
    talk = data_dir / "background.txt"
    return Background(matters, tuple(_themes(talk)) if talk.is_file() else ())


def _matters(table: Path) -> Iterator[Matter]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            wordings = tuple(part.strip() for part in (row.get(WORDINGS) or "").split(SEPARATOR) if part.strip())
            if wordings:
                yield _matter(row, wordings)


def _matter(row: dict[str, str], wordings: tuple[str, ...]) -> Matter:
    title, scope, body, url, emergency = (
        (row.get(column) or "").strip() for column in ("nombre", "ambito", "organismo", "url", "urgencia")
    )
    name = (row.get("id") or title).strip()
    return Matter(name, wordings, title=title, scope=scope, body=body, url=url, emergency=emergency)


def _themes(path: Path) -> Iterator[Group]:
    themes: dict[str, list[str]] = {}
    name = path.stem
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        if line.startswith(THEME):
            name = line.removeprefix(THEME).strip()
        elif not line.startswith(COMMENT):
            themes.setdefault(name, []).append(line)
    return (Group(name, tuple(wordings)) for name, wordings in themes.items())
