"""Reads the sentences that the classifiers learn: of dangers (data/danger) and of commands (data/commands).

A file is named after its kind: a key of ``emergencias`` in agency.yml, or a command; or it has one of the LOOK_ALIKES,
messages that only sound like the others. An agency may add files such as ``gas.propias.txt``. Each line is a message.
Empty lines and comments (#) are skipped, but «# Autor 2» names the author of the messages below it, so that an
evaluation can leave out an author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.core.settings import ROOT

DANGERS, COMMANDS = ROOT / "data" / "danger", ROOT / "data" / "commands"
LOOK_ALIKES = {"inofensivas", "parecidos"}
AUTHOR = re.compile(r"# Autor (\w+)")


@dataclass(frozen=True)
class Sentence:
    """A message; its kind, '' if it only looks like one; and its author, '' if none is named."""

    text: str
    kind: str
    author: str = ""


@dataclass(frozen=True)
class Lessons:
    """The sentences of each classifier."""

    dangers: tuple[Sentence, ...]
    commands: tuple[Sentence, ...]

    @classmethod
    def from_folder(cls, data: Path = ROOT / "data") -> Self:
        return cls(load_sentences(data / DANGERS.name), load_sentences(data / COMMANDS.name))


def load_sentences(folder: Path) -> tuple[Sentence, ...]:
    """Reads all .txt files of the folder, in order of their names; returns () if the folder does not exist."""
    return tuple(sentence for path in sorted(folder.glob("*.txt")) for sentence in _read(path))


def _read(path: Path) -> Iterator[Sentence]:
    name, author = path.name.partition(".")[0], ""
    kind = "" if name in LOOK_ALIKES else name
    for line in map(str.strip, path.read_text(encoding="utf-8").splitlines()):
        if found := AUTHOR.match(line):
            author = found[1]
        elif line and not line.startswith("#"):
            yield Sentence(line, kind, author)
