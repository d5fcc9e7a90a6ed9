"""Reads what citizens write about that the FAQ does not answer, so that it is recognised instead of mistaken.

Called by ``load``; used by ``space`` and ``calibration``. Two kinds: *matters* of public services that other bodies or
offices see to (data/atlas/*.csv, a spreadsheet), near to the FAQ; *themes* of everyday talk (data/background.txt), far
from it. Both are examples of messages that must not be answered.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.faq.entries.problem import Found, Problem
from bot.faq.words.table import Row, read_table

FOLDER = "atlas"
ID, WORDINGS, SEPARATOR = "id", "formas", "|"
MUNICIPAL = "municipal"
SCOPES = (MUNICIPAL, "nacional", "privado")
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
    problems: tuple[Problem, ...] = ()


def load_background(data_dir: Path, emergencies: Collection[str] | None = None) -> Background:
    """Reads the files below ``data_dir``; what is missing is empty, a row that cannot be used is left out and told.
    ``emergencies`` are the groups that ``urgencia`` may name, when they are to be checked.
    """
    found: list[Problem] = []
    matters: dict[str, Matter] = {}
    for path in sorted((data_dir / FOLDER).glob("*.csv")):
        found += _read(path, matters, emergencies)
    talk = data_dir / "background.txt"
    return Background(tuple(matters.values()), tuple(_themes(talk)) if talk.is_file() else (), tuple(found))


def _read(path: Path, matters: dict[str, Matter], emergencies: Collection[str] | None) -> list[Problem]:
    """Adds the matters of one sheet to ``matters``."""
    found = Found(f"{FOLDER}/{path.name}")
    table = read_table(path.read_bytes())
    if table is None:
        found.advise("atlas_ilegible", 1)
    elif not {ID, WORDINGS} <= set(table.columns):
        found.advise("atlas_sin_columnas", 1)
    else:
        for row in table.rows:
            matter = _matter(row)
            if _is_sound(matter, row, matters, found):
                matters[matter.name] = matter
            if emergencies is not None and matter.emergency and matter.emergency not in emergencies:
                names = ", ".join(emergencies)
                found.advise("atlas_urgencia", row.line, "urgencia", escrito=matter.emergency, opciones=names)
    return found.problems


def _matter(row: Row) -> Matter:
    wordings = tuple(part.strip() for part in row[WORDINGS].split(SEPARATOR) if part.strip())
    title, scope, body, url = row["nombre"], row["ambito"].lower(), row["organismo"], row["url"]
    return Matter(row[ID], wordings, title=title, scope=scope, body=body, url=url, emergency=row["urgencia"])


def _is_sound(matter: Matter, row: Row, known: Container[str], found: Found) -> bool:
    """Whether the row can be used; a wrong scope or page is told too, but the matter is recognised all the same."""
    if not matter.name or matter.name in known:
        code = "atlas_id_repetido" if matter.name else "atlas_sin_id"
        found.advise(code, row.line, ID, escrito=matter.name)
        return False
    if not matter.wordings:
        found.advise("atlas_sin_formas", row.line, WORDINGS, escrito=matter.name)
        return False
    if matter.scope and matter.scope not in SCOPES:
        found.advise("atlas_ambito", row.line, "ambito", escrito=matter.scope)
    if matter.url and not matter.url.startswith("https://"):
        found.advise("atlas_url", row.line, "url", escrito=matter.url)
    return True


def _themes(path: Path) -> Iterator[Group]:
    themes: dict[str, list[str]] = {}
    name = path.stem
    for line in filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())):
        if line.startswith(THEME):
            name = line.removeprefix(THEME).strip()
        elif not line.startswith(COMMENT):
            themes.setdefault(name, []).append(line)
    return (Group(name, tuple(wordings)) for name, wordings in themes.items())
