"""Reads the sentences of data/danger: messages of people in danger, and harmless ones that only sound like them.

A file is named after its kind of danger, a key of ``emergencias`` in agency.yml, or HARMLESS; an agency may add files
such as ``gas.propias.txt``. Each line is a message; empty lines and comments (#) are skipped, but «# Autor 2» names the
author of the messages below it, so that a measurement can leave an author out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.settings import ROOT

FOLDER = ROOT / "data" / "danger"
HARMLESS = "inofensivas"
AUTHOR = re.compile(r"# Autor (\w+)")


@dataclass(frozen=True)
class Sentence:
    """A message with its kind of danger, '' for a harmless one, and its author, '' if unnamed."""

    text: str
    kind: str
    author: str = ""


def load_sentences(folder: Path = FOLDER) -> tuple[Sentence, ...]:
    """Reads all files of the folder, by name; an empty result if there is no folder."""
    return tuple(sentence for path in sorted(folder.glob("*.txt")) for sentence in _read(path))


def _read(path: Path) -> Iterator[Sentence]:
    name, author = path.name.partition(".")[0], ""
    kind = "" if name == HARMLESS else name
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if found := AUTHOR.match(line):
            author = found[1]
        elif line and not line.startswith("#"):
            yield Sentence(line, kind, author)
