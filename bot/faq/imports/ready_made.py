"""Reads the ready-made entries: texts for every agency of a kind, with marks for local facts to fill in.

Those for municipalities are in data/por-completar, those for other agencies in data/por-completar-servicio.

Each is an entry's file without team, responsible unit and review date; ``files`` adds these. An entry without a source
gets the agency's website as its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.agency.front_page import MUNICIPALITY, SERVICE
from bot.core.logs import log
from bot.faq.entries import front_matter
from bot.faq.entries.body import marks_in
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found
from bot.faq.entries.writing import Value, entry_files

FOLDERS = {MUNICIPALITY: "por-completar", SERVICE: "por-completar-servicio"}  # by the kind of agency
NEEDED = ("id", "pregunta", "variantes", "tema")


@dataclass(frozen=True)
class ReadyMade:
    """An entry to complete; ``marks`` describe its missing facts.

    ``source`` is a national page, or '' for the agency's website.
    """

    path: str
    id: str
    question: str
    variants: tuple[str, ...]
    topic: str
    source: str
    source_name: str
    body: str

    @property
    def marks(self) -> list[str]:
        return [mark for _, mark in marks_in(self.body)]

    def files(self, *, team: str, responsible: str, site: str, today: date) -> dict[str, bytes]:
        """Returns the contents of the entry's files for an agency, keyed by path."""
        header: Mapping[str, Value] = {
            "id": self.id,
            "pregunta": self.question,
            "variantes": self.variants,
            "tema": self.topic,
            "equipo": team,
            "fuente": self.source or site,
            "fuente_nombre": self.source_name,
            "responsable": responsible,
            "revisado": today.isoformat(),
        }
        return entry_files(self.path, header, self.body)


def ready_made(data: Path, kind: str) -> tuple[ReadyMade, ...]:
    """Returns the ready-made entries below ``data`` for a kind of agency, sorted by path.

    Leaves out unusable files and logs why.
    """
    files = sorted((data / FOLDERS[kind]).glob("*/*.md"))
    found = (_read(f"{file.parent.name}/{file.name}", file.read_bytes()) for file in files)
    return tuple(one for one in found if one)


def _read(path: str, content: bytes) -> ReadyMade | None:
    """Returns the entry of a file; logs the first problem and returns None if its header lacks a required field."""
    found = Found(path)
    header = front_matter.read(content.decode(errors="replace"), found)
    if header and header.readable:
        for name in NEEDED:
            if name not in header.fields:
                found.add("falta_campo", header.line, name)
        if all(name in header.fields for name in NEEDED):
            return _entry(path, header)
    first = found.problems[0]
    log.warning("faq: ready-made entry left out", file=path, line=first.line, problem=f"{first.message} {first.fix}")
    return None


def _entry(path: str, header: FrontMatter) -> ReadyMade:
    texts = {name: value.text or "" for name, value in header.fields.items()}
    listed = header.fields["variantes"].node
    variants = tuple(str(one.value) for one in listed.value) if isinstance(listed, yaml.SequenceNode) else ()
    source = (texts.get("fuente", ""), texts.get("fuente_nombre", ""))
    return ReadyMade(path, texts["id"], texts["pregunta"], variants, texts["tema"], *source, header.body)
