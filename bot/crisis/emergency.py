"""The first step of a turn: is somebody in danger? Called by turns.py before Rasa, and by action_emergency.

A deterministic net, no model: phrases of patterns.yml over folded text (folding.py). A message that only asks for
information ("¿dónde denuncio violencia intrafamiliar?"), or tells of another time, another country or the news ("me
asaltaron en Bogotá"), is not an emergency; a present danger always is, and so is whoever wants to die.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.crisis.phrases import compile_phrases
from bot.text.emergency_fold import fold

PATTERNS = Path(__file__).with_name("patterns.yml")
INFORMATIVE, TOLD, URGENT = "informativas", "contadas", "urgentes"
LISTS = "listas"
EVER_PRESENT = {"suicidio"}
"""Kinds that are an emergency whenever they are told."""
GOING_ON = re.compile("[ai]ndo |iendo ")
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

    def matches(self, folded: str, *, informative: bool, told: bool) -> bool:
        """Whether danger is told.

        An idiom ("me muero de pena") spares only the words it touches, never a whole message. What is ``told`` of
        another time or place is spared unless it goes on ("me está siguiendo").
        """
        near = NEAR.get(self.name, NEAR_OTHERS)
        spared = [idiom.span() for idiom in self.never.finditer(folded)]
        past = told and self.name not in EVER_PRESENT
        nets = (self.now,) if informative or told else (self.now, self.maybe)
        return any(
            not any(start < hit.end() + near and end > hit.start() - near for start, end in spared)
            for net in nets
            for hit in net.finditer(folded)
            if not past or GOING_ON.search(f"{hit.group()} ")
        )


@dataclass(frozen=True)
class Net:
    """All groups, in the order in which they win."""

    kinds: tuple[Kind, ...]
    informative: re.Pattern[str]
    told: re.Pattern[str]
    urgent: re.Pattern[str]

    def find(self, text: str) -> str | None:
        folded = fold(text)
        informative = bool(self.informative.search(folded))
        told = bool(self.told.search(folded)) and not self.urgent.search(folded)
        matching = (kind.name for kind in self.kinds if kind.matches(folded, informative=informative, told=told))
        return next(matching, None)

    def guess(self, text: str) -> str | None:
        folded = fold(text)
        return next((kind.name for kind in self.kinds if kind.words.search(folded)), None)


@cache
def load_net(path: Path = PATTERNS) -> Net:
    """The net written in ``path``, compiled once a process."""
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lists = raw.pop(LISTS)
    around = [compile_phrases(raw.pop(key), lists) for key in (INFORMATIVE, TOLD, URGENT)]
    return Net(tuple(Kind.from_file(name, group, lists) for name, group in raw.items()), *around)


def find(text: str) -> str | None:
    """The kind of emergency (a key of agency.yml ``emergencias``) that ``text`` tells of, or None."""
    return load_net().find(text)


def guess(text: str) -> str | None:
    """The likeliest kind for a message that Rasa takes for an emergency; None when no word of it speaks of danger."""
    return load_net().guess(text)
