"""Recognizes harm that is denied or only feared: «nadie salió herido», «se va a quemar el cerco con el pasto seco».

The phrases are the group ``sin_dano`` of phrases.yml. They do not count in a text with a sign of present harm («nadie
salió herido, el chofer no despierta»), nor if «pero» follows the harm that the text denies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.crisis.phrases import CUT, compile_phrases

UNLESS, CONTRAST = "salvo", "contrasta"


@dataclass(frozen=True)
class Unharmed:
    """Phrases that deny or fear harm, keyed by kind of danger (``absent``), and signs of harm now (``present``).

    After a phrase of ``absent``, words of ``contrast`` announce other harm.
    """

    absent: Mapping[str, re.Pattern[str]]
    present: re.Pattern[str]
    contrast: re.Pattern[str]

    @classmethod
    def from_file(cls, raw: Mapping[str, list[str]], lists: Mapping[str, str]) -> Unharmed:
        """Compiles the group ``sin_dano`` of phrases.yml."""
        absent = {kind: compile_phrases(phrases, lists) for kind, phrases in raw.items()}
        present, contrast = absent.pop(UNLESS), absent.pop(CONTRAST)
        return cls(MappingProxyType(absent), present, contrast)

    def tells(self, kind: str, folded: str) -> bool:
        """Returns whether the text denies harm of this kind, or only fears it, and has no other sign of harm."""
        absent = self.absent.get(kind)
        if absent is None or not absent.search(folded):
            return False
        rest = absent.sub(CUT, folded)
        return not self.present.search(rest) and not self.contrast.search(rest.partition(CUT)[2])
