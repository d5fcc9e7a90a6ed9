"""Reads the sentences that the classifiers are trained on: data/danger, data/commands and data/requests.

A file is named after the kind of its sentences: a key of ``emergencias`` in agency.yml, a command, or ``inusuales``
(requests about a subject of the FAQ that are so unusual that an FAQ hardly ever answers them). The files named in
LOOK_ALIKES contain sentences that only resemble one of the kinds. An agency may add files such as ``gas.propias.txt``.
Each line is a sentence. Empty lines and comments (#) are skipped, but «# Autor 2» names the author of the sentences
below it, so that an evaluation can leave out an author. Rasa's examples of small talk and half of the commands are also
used as harmless sentences, since short replies, farewells and calls for a person would otherwise look like dangers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.core.settings import ROOT
from bot.core.yaml import read_yaml_file

DANGERS, COMMANDS, REQUESTS = (ROOT / "data" / name for name in ("danger", "commands", "requests"))
SMALL_TALK = ROOT / "data" / "nlu"
SMALL_TALK_INTENTS = (
    "affirm",
    "bot_identity",
    "delete_my_data",
    "deny",
    "feedback_bad",
    "goodbye",
    "greet",
    "insult",
    "my_data",
    "out_of_scope_chitchat",
    "thank",
)
ALL_SMALL_TALK = (*SMALL_TALK_INTENTS, "capabilities", "feedback_good", "help_menu")
RASA = "rasa"  # the author of small talk
HARMLESS = "inofensivas"
LOOK_ALIKES = {HARMLESS, "parecidos", "usuales"}
AUTHOR = re.compile(r"# Autor (\w+)")


@dataclass(frozen=True)
class Sentence:
    """A training sentence: its kind ('' for a look-alike) and its author ('' if unknown).

    ``file`` and ``line`` (from 1) are the place where the sentence was read; the classifier does not use them.
    """

    text: str
    kind: str
    author: str = ""
    file: str = field(default="", compare=False, repr=False)
    line: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Lessons:
    """The sentences that each classifier is trained on."""

    dangers: tuple[Sentence, ...]
    commands: tuple[Sentence, ...]
    requests: tuple[Sentence, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Returns the texts of all sentences, of all three classifiers."""
        return tuple(one.text for one in (*self.dangers, *self.commands, *self.requests))

    @classmethod
    def from_folder(cls, data: Path = ROOT / "data") -> Self:
        dangers = (
            *load_sentences(data / DANGERS.name),
            *load_small_talk(data / SMALL_TALK.name),
            *load_harmless_commands(data / COMMANDS.name),
        )
        return cls(dangers, load_sentences(data / COMMANDS.name), load_sentences(data / REQUESTS.name))


def load_sentences(folder: Path) -> tuple[Sentence, ...]:
    """Reads all .txt files of the folder, in order of their names; returns () if the folder does not exist."""
    return tuple(sentence for path in sorted(folder.glob("*.txt")) for sentence in read_sentences(path))


def kind_of(path: Path) -> str:
    """Returns the kind of a file's sentences, '' for look-alikes."""
    name = path.name.partition(".")[0]
    return "" if name in LOOK_ALIKES else name


def read_sentences(path: Path) -> Iterator[Sentence]:
    """Yields the sentences of one file; replaces bytes that are not UTF-8, so that they do not prevent training."""
    author = ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(map(str.strip, lines), 1):
        if found := AUTHOR.match(line):
            author = found[1]
        elif line and not line.startswith("#"):
            yield Sentence(line, kind_of(path), author, path.name, number)


def load_small_talk(folder: Path = SMALL_TALK, intents: Sequence[str] = SMALL_TALK_INTENTS) -> tuple[Sentence, ...]:
    """Reads Rasa's examples of the intents as look-alikes; skips the files that do not exist."""
    texts = (text for intent in intents for text in _examples(folder / f"{intent}.yml"))
    return tuple(Sentence(text, "", RASA) for text in dict.fromkeys(texts))


def load_harmless_commands(folder: Path = COMMANDS) -> tuple[Sentence, ...]:
    """Returns every second sentence of the folder as a look-alike of dangers.

    With all of them, cries for help that name no danger («que venga alguien, por favor») would count as harmless.
    """
    return tuple(Sentence(one.text, "", COMMANDS.name) for one in load_sentences(folder)[::2])


def _examples(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    for intent in read_yaml_file(path)["nlu"]:
        for line in str(intent["examples"]).splitlines():
            yield line.removeprefix("- ").strip()
