"""Decides whose numbers fit violence: those for children, those for adults, or both.

The phrases are the group ``menores`` of phrases.yml. A child is somebody who writes their age, or who is named as one
(«mi sobrino de 8», «la niña»). Only children get their numbers alone if a minor writes, or if the violence is clearly
done to a child and to no adult: neither the writer («me pega») nor another, and no partner is violent. In doubt, both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.crisis.phrases import CUT, compile_phrases

VIOLENCE, CHILD = "violencia", "ninez"
GROUPS = ("escribe", "nadie", "nombra", "sufre", "violento", "grande", "a_mi", "a_otra", "ajena")


@dataclass(frozen=True)
class Minors:
    """Phrases about minors; those of ``nobody`` ("tengo 12 años de casada") and ``grown`` are cut out first.

    A minor ``writes`` their age. A child is ``named`` as one, and clearly ``suffers``. Words are ``violent``. An adult
    is in danger: the writer (``mine``) or another (``adult``), unless the child is only hers (``owner``).
    """

    writes: re.Pattern[str]
    nobody: re.Pattern[str]
    named: re.Pattern[str]
    suffers: re.Pattern[str]
    violent: re.Pattern[str]
    grown: re.Pattern[str]
    mine: re.Pattern[str]
    adult: re.Pattern[str]
    owner: re.Pattern[str]

    @classmethod
    def from_file(cls, raw: Mapping[str, list[str]], lists: Mapping[str, str]) -> Minors:
        """Compiles the group ``menores`` of phrases.yml."""
        return cls(*(compile_phrases(raw[name], lists) for name in GROUPS))

    def kind(self, kind: str | None, folded: str) -> str | None:
        """Returns the kind of danger; that of children for violence to children alone or of which a minor writes."""
        if kind != VIOLENCE:
            return kind
        words = self.nobody.sub(CUT, folded)
        alone = self._names_child(words) and bool(self.suffers.search(words)) and not self._names_adult(words)
        return CHILD if alone or self.writes.search(words) else kind

    def beside(self, kind: str, folded: str) -> str | None:
        """Returns the kind of the others who may be in danger in violence to a child and to an adult; else None.

        ``kind`` is the kind of the danger, as ``kind()`` returns it.
        """
        words = self.nobody.sub(CUT, folded)
        if kind == VIOLENCE:
            return CHILD if self._names_child(words) else None
        if kind != CHILD or not self.violent.search(words):
            return None
        is_mother = self._names_child(words) and self._names_adult(words)
        return VIOLENCE if is_mother or self._names_another(words) else None

    def _names_child(self, words: str) -> bool:
        return bool(self.named.search(self.grown.sub(CUT, words)))

    def _names_adult(self, words: str) -> bool:
        """Returns whether the words name an adult who may be in danger; the writer, unless they are a minor."""
        is_writer = self.mine.search(words) and not self.writes.search(words)
        return bool(is_writer) or self._names_another(words)

    def _names_another(self, words: str) -> bool:
        return bool(self.adult.search(self.owner.sub(CUT, words)))
