"""Reads the emergency phrases that an agency adds to those of phrases.yml, from ``data/danger/frases.propias``.

A line is ``kind: phrase``, such as ``gas: se salio la manguera del balon``; ``kind`` is a key of ``emergencias`` in
agency.yml. Phrases are written as in phrases.yml (phrases.py) and count like the phrases under ``ahora`` there.
Accents, signs outside that grammar, empty lines and lines that begin with # are ignored. The file is not YAML, since
Rasa reads all YAML files in ``data``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from bot.core.settings import ROOT
from bot.crisis.phrases import compile_phrases
from bot.text.emergency_fold import strip_accents

OWN = ROOT / "data" / "danger" / "frases.propias"
LINE = re.compile(r"\s*(\w+)\s*:\s*(\S.*)")
SIGNS = re.compile(r"[^\w\s{}|*()+$.]|(?<!\.)\.(?!\.)")  # all that are not part of the grammar, and a single dot
NOT_UTF8 = "\ufffd"  # stands for bytes that are not UTF-8
MAX_TOGETHER = 4  # parts joined by « + »; each further one multiplies the size of the pattern
GAP_LENGTHS = 4  # «...» stands for zero to three words
MAX_WAYS = 256  # ways to combine a phrase's gaps and optional words; they multiply the time to search a text
LIST = re.compile(r"\{\w+\}")
STEM = r"\*?[a-z0-9]+(?:_[a-z0-9]+)*\*?"
WORD = rf"{STEM}(?:\|{STEM})*"
PART = re.compile(rf"{WORD}|\({WORD}\)|\.\.\.")


@dataclass(frozen=True)
class OwnPhrase:
    """A phrase of the file and its ``line``, from 1; ``kind`` is '' if the line is not valid."""

    line: int
    kind: str
    phrase: str


def own_phrases(lists: Mapping[str, str], path: Path = OWN) -> tuple[OwnPhrase, ...]:
    """Reads the file; ``lists`` are the lists that a phrase may name. Returns () if there is no such file."""
    if not path.is_file():
        return ()
    lines = enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1)
    return tuple(_read(number, line, lists) for number, line in lines if line.strip() and not line.lstrip()[0] == "#")


def _read(number: int, line: str, lists: Mapping[str, str]) -> OwnPhrase:
    found = LINE.fullmatch(line)
    phrase = " ".join(SIGNS.sub(" ", strip_accents(found[2])).split()) if found else ""
    kind = found[1] if found and NOT_UTF8 not in line and _is_valid(phrase, lists) else ""
    return OwnPhrase(number, kind, phrase or line.strip())


def _is_valid(phrase: str, lists: Mapping[str, str]) -> bool:
    """Returns whether the phrase follows the grammar and contains a word, so that it does not match every text."""
    together = LIST.sub("a", phrase).removesuffix("$").split(" + ")
    parts = [part for one in together for part in one.split()]
    ways = prod(GAP_LENGTHS if part == "..." else 2 for part in parts if part == "..." or part.startswith("("))
    if len(together) > MAX_TOGETHER or ways > MAX_WAYS or not all(map(PART.fullmatch, parts)):
        return False
    try:
        pattern = compile_phrases([phrase], lists)
    except (KeyError, ValueError):  # a list that does not exist, or has a number for a name
        return False
    return not pattern.search("  ")
