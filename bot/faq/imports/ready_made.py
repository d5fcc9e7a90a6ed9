"""Reads the ready-made entries in data/por-completar: texts that apply to every agency, with marks for local facts.

Each is an entry's file without team, responsible unit and review date; ``files`` adds these. An entry without a source
gets the agency's website as its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.faq.entries import front_matter
from bot.faq.entries.body import marks_in
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found
from bot.faq.entries.writing import Value, entry_files

FOLDER = "por-completar"


@dataclass(frozen=True)
class ReadyMade:
    """An entry to complete; ``marks`` describe missing facts. ``source`` is a national page, '' for the agency's."""

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
        """Returns the contents of the entry's files for an agency, by path."""
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


def ready_made(data: Path) -> tuple[ReadyMade, ...]:
    """Returns the ready-made entries below ``data``, sorted by path; leaves out files without a header.

    Raises KeyError if a header is not valid YAML or lacks a required field.
    """
    found = []
    for file in sorted((data / FOLDER).glob("*/*.md")):
        path = f"{file.parent.name}/{file.name}"
        header = front_matter.read(file.read_text(encoding="utf-8"), Found(path))
        if header is not None:
            found.append(_entry(path, header))
    return tuple(found)


def _entry(path: str, header: FrontMatter) -> ReadyMade:
    texts = {name: value.text or "" for name, value in header.fields.items()}
    listed = header.fields["variantes"].node
    variants = tuple(str(one.value) for one in listed.value) if isinstance(listed, yaml.SequenceNode) else ()
    source = (texts.get("fuente", ""), texts.get("fuente_nombre", ""))
    return ReadyMade(path, texts["id"], texts["pregunta"], variants, texts["tema"], *source, header.body)
