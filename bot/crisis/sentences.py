"""Reads the sentences of data/danger: messages of people in danger, and harmless messages that only sound similar.

A file is named after its kind of danger, a key of ``emergencias`` in agency.yml, or HARMLESS. An agency may add files
such as ``gas.propias.txt``. Each line is a message. Empty lines and comments (#) are skipped, but «# Autor 2» names the
author of the messages below it, so that an evaluation can leave out an author.
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
    """A message; its kind of danger, '' if it is harmless; and its author, '' if none is named."""

    text: str
    kind: str
    author: str = ""


def load_sentences(folder: Path = FOLDER) -> tuple[Sentence, ...]:
    """Reads all .txt files of the folder, in order of their names; returns () if the folder does not exist."""
    return tuple(sentence for path in sorted(folder.glob("*.txt")) for sentence in _read(path))


def _read(path: Path) -> Iterator[Sentence]:
    name, author = path.name.partition(".")[0], ""
    kind = "" if name == HARMLESS else name
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if found := AUTHOR.match(line):
            author = found[1]
        elif line and not line.startswith("#"):
            yield Sentence(line, kind, author)
