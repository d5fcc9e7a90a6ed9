"""The first step of a turn: is somebody in danger? Called by turns.py before Rasa, and by action_emergency.

A deterministic net, no model: phrases of patterns.yml over folded text (folding.py). A message that only asks for
information ("¿dónde denuncio violencia intrafamiliar?") is not an emergency; a present danger always is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.crisis.folding import fold
from bot.crisis.phrases import compile_phrases

PATTERNS = Path(__file__).with_name("patterns.yml")
INFORMATIVE = "informativas"
LISTS = "listas"
NEAR = {"suicidio": 0, "violencia": 0, "incendio": 0, "gas": 0}
NEAR_OTHERS = 12
"""How many characters from an idiom a word of danger still belongs to it: an animal, a register."""


@dataclass(frozen=True)
class Kind:
    """One group of emergencies; ``name`` is its key in agency.yml."""

    name: str
    now: re.Pattern[str]
    maybe: re.Pattern[str]
    never: re.Pattern[str]
    words: re.Pattern[str]

    @classmethod
    def from_file(cls, name: str, raw: dict[str, list[str]], lists: dict[str, str]) -> Kind:
        return cls(
            name, *(compile_phrases(raw.get(key, []), lists) for key in ("ahora", "quizas", "nunca", "palabras"))
        )

    def matches(self, folded: str, *, informative: bool) -> bool:
        """Whether danger is told.

        An idiom ("me muero de pena") spares only the words it touches, never a whole message.
        """
        near = NEAR.get(self.name, NEAR_OTHERS)
        spared = [idiom.span() for idiom in self.never.finditer(folded)]
        nets = (self.now,) if informative else (self.now, self.maybe)
        return any(
            not any(start < hit.end() + near and end > hit.start() - near for start, end in spared)
            for net in nets
            for hit in net.finditer(folded)
        )


@dataclass(frozen=True)
class Net:
    """All groups, in the order in which they win."""

    kinds: tuple[Kind, ...]
    informative: re.Pattern[str]

    def find(self, text: str) -> str | None:
        folded = fold(text)
        informative = bool(self.informative.search(folded))
        return next((kind.name for kind in self.kinds if kind.matches(folded, informative=informative)), None)

    def guess(self, text: str) -> str | None:
        folded = fold(text)
        return next((kind.name for kind in self.kinds if kind.words.search(folded)), None)


@cache
def load_net(path: Path = PATTERNS) -> Net:
    """The net written in ``path``, compiled once a process."""
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = raw.pop(LISTS)
    informative = compile_phrases(raw.pop(INFORMATIVE), lists)
    return Net(tuple(Kind.from_file(name, group, lists) for name, group in raw.items()), informative)


def find(text: str) -> str | None:
    """The kind of emergency (a key of agency.yml ``emergencias``) that ``text`` tells of, or None."""
    return load_net().find(text)


def guess(text: str) -> str | None:
    """The likeliest kind for a message that Rasa takes for an emergency; None when no word of it speaks of danger."""
    return load_net().guess(text)
