"""Weighs the danger that the classifier finds in a message against the emergency phrases of bot/crisis.

A phrase decides before the answerer sees a message, unless the classifier doubts it: then it is a possible danger. The
classifier reads only the beginning of a long text, and gives a low score to a danger beside an ordinary question («mi
abuela no respira. ¿Cuánto cuesta el permiso?»), so it must also doubt each sentence that has a phrase. A cry for help
that names no matter is a possible danger, too, and no entry answers it. Words that deny harm, or only fear it, make a
phrase doubtful whatever the classifier finds («choque sin heridos»).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.crisis.emergency import cries_for_help, find, find_doubtful, kind_for_victims, tells_no_harm
from bot.faq.ranking.risk import Danger, possible_danger, sure_danger

GENERAL = "general"  # the kind of ``emergencias`` in agency.yml with all numbers
MOST_CHARACTERS = 400  # of a sentence; the encoder reads no more of a longer one
_SENTENCE_END = re.compile(r"[.!?;\n]+")


@dataclass(frozen=True)
class PhraseDangers:
    """Weighs emergency phrases; ``judge`` returns the danger that the classifier finds in a part of a message."""

    judge: Callable[[str], Danger | None]

    def with_doubted(self, text: str, danger: Danger | None) -> Danger | None:
        """Returns the possible danger of a phrase that the classifier doubts, or of a cry for help; else ``danger``.

        ``danger`` is what the classifier found in ``text``; it is returned with the kind that fits the victims, who may
        be children.
        """
        if kind := self._doubted_kind(text, danger):
            return possible_danger(kind)
        is_cry = cries_for_help(text) and not (danger and danger.sure)
        if is_cry:
            return possible_danger(GENERAL, is_cry=True)
        return replace(danger, kind=kind_for_victims(danger.kind, text)) if danger else None

    def sure(self, text: str, danger: Danger | None) -> Danger | None:
        """Returns the danger of an emergency phrase in ``text``; None if there is none or the classifier doubts it."""
        kind = find(text)
        return sure_danger(kind) if kind and not self._doubted_kind(text, danger) else None

    def _doubted_kind(self, text: str, danger: Danger | None) -> str | None:
        kind = find_doubtful(text)
        if kind is None or not danger:
            return None
        if tells_no_harm(kind, text) and not (danger.sure and danger.kind != kind):
            return kind
        if not danger.doubts(kind):
            return None
        parts = [(part, of_part) for part in _SENTENCE_END.split(text) if (of_part := find_doubtful(part))]
        return kind if all(self._doubts(part, of_part) for part, of_part in parts or [(text, kind)]) else None

    def _doubts(self, sentence: str, kind: str) -> bool:
        if len(sentence) > MOST_CHARACTERS:
            return False
        danger = self.judge(sentence.strip())
        return danger is not None and danger.doubts(kind)
