"""Counts the syllables of Spanish words by the rules of Spanish orthography."""

from __future__ import annotations

import re
from itertools import pairwise

STRONG, ACCENTED_WEAK = frozenset("aeoáéó"), frozenset("íú")
SILENT_U = re.compile(r"(?<=q)u|(?<=g)u(?=[eéií])")
FINAL_Y = re.compile(r"y\b")
VOWELS = re.compile(r"[aeiouáéíóúü](?:h?[aeiouáéíóúü])*")


def syllables(word: str) -> int:
    """Returns the number of syllables, at least 1. An h between vowels does not separate syllables."""
    spelled = FINAL_Y.sub("i", SILENT_U.sub("", word.lower()))
    runs = (found.group().replace("h", "") for found in VOWELS.finditer(spelled))
    return max(1, sum(1 + sum(_parted(*pair) for pair in pairwise(run)) for run in runs))


def _parted(one: str, other: str) -> bool:
    """Returns whether two adjacent vowels belong to two syllables: both are strong, or one is strong and one í or ú."""
    if one in STRONG and other in STRONG:
        return True
    return (one in STRONG and other in ACCENTED_WEAK) or (one in ACCENTED_WEAK and other in STRONG)
