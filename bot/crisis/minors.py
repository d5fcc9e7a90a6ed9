"""Decides which emergency numbers fit a message about violence: those for children, those for adults, or both.

The phrases are the group ``menores`` of phrases.yml. A child is a writer who states their age, or a person named as a
child («mi sobrino de 8», «la niña»). Only the numbers for children are shown if a minor writes, or if a child clearly
suffers the violence, the writer does not («me pega»), and no other adult or partner is named. In doubt, both are shown.
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

    ``writes``: a minor states their age. ``named``: a person is named as a child. ``suffers``: a child clearly suffers
    violence. ``violent``: words of violence. ``mine``: the writer is in danger. ``adult``: another adult or a partner
    is named. ``owner``: an adult who does not count as such, since the child is hers or she does the harm.
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
        """Returns CHILD for violence to children alone or about which a minor writes; otherwise returns ``kind``."""
        if kind != VIOLENCE:
            return kind
        words = self.nobody.sub(CUT, folded)
        alone = self._names_child(words) and bool(self.suffers.search(words)) and not self._names_adult(words)
        return CHILD if alone or self.writes.search(words) else kind

    def beside(self, kind: str, folded: str) -> str | None:
        """Returns the second kind of danger in a text about violence to a child and to an adult; else None.

        ``kind`` is the first one, as ``kind()`` returns it.
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
        """Returns whether the words name an adult who may be in danger: the writer, if no minor, or another adult."""
        is_writer = self.mine.search(words) and not self.writes.search(words)
        return bool(is_writer) or self._names_another(words)

    def _names_another(self, words: str) -> bool:
        return bool(self.adult.search(self.owner.sub(CUT, words)))
