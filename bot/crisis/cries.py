"""Recognizes a cry for help that says nothing else: «auxilio», «ayúdenme rápido», «urgencia por favor ayuda».

Nobody can tell what such a citizen needs, so all numbers are shown. A request for help with a matter («ayuda con mi
permiso») is not a cry for help, since it has a word that is in no list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.crisis.phrases import compile_phrases, fold_text

MAX_WORDS = 12


@dataclass(frozen=True)
class Cries:
    """The words of cries for help, compiled.

    A message cries for help if it has a word of ``alone``, two words of ``help``, or a word of ``help`` and a word of
    ``haste``. All its other words must be in ``filler``.
    """

    alone: re.Pattern[str]
    help: re.Pattern[str]
    haste: re.Pattern[str]
    filler: re.Pattern[str]

    @classmethod
    def from_file(cls, raw: Mapping[str, str]) -> Cries:
        """Compiles the group ``clamores`` of phrases.yml: for each kind of words, a list joined by ``|``."""
        return cls(*(compile_phrases([raw[name]], {}) for name in ("solas", "ayuda", "apuro", "relleno")))

    def has(self, text: str) -> bool:
        """Returns whether ``text`` cries for help and consists only of the words of cries for help."""
        words = [f" {word} " for word in fold_text(text).split()]
        if not 0 < len(words) <= MAX_WORDS:
            return False
        alone, asking, haste = (
            [word for word in words if kind.match(word)] for kind in (self.alone, self.help, self.haste)
        )
        known = {*alone, *asking, *haste, *filter(self.filler.match, words)}
        cries = bool(alone) or len(asking) > 1 or bool(asking and haste)
        return cries and known.issuperset(words)
