"""Finds which of several texts can be published together without losing test messages or utterances."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.desk.editing.measuring.effect import Effect, Effects, Row
from bot.desk.editing.text import EntryText

MOST_MEASUREMENTS = 24  # each takes a second or more; what is undecided after them is held back
MOST_S = 45.0  # after so many seconds no further measurement begins


@dataclass
class Measured:
    """The paths of the texts that lose nothing together, and those held back.

    ``losing`` maps each path that would lose messages to them; ``unmeasured`` are the paths whose effect is unknown,
    since it could not be measured, or not in time.
    """

    harmless: list[str] = field(default_factory=list)
    losing: dict[str, list[Row]] = field(default_factory=dict)
    unmeasured: list[str] = field(default_factory=list)


class HarmlessTexts:
    """Measures texts in groups: all at once, and only if that loses messages, ever smaller groups."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects

    async def among(self, texts: Mapping[str, EntryText]) -> Measured:
        """Returns which of the ``texts``, keyed by path, can go live; those were measured as one change.

        A text whose own messages, or those of others because of it, are lost is held back.
        """
        found, groups, spent, began = Measured(), [list(texts)] if texts else [], 0, time.monotonic()
        while groups:
            group = groups.pop()
            if spent == MOST_MEASUREMENTS or time.monotonic() - began > MOST_S:
                found.unmeasured += group
                continue
            spent += 1
            effect = await self._effects.of({path: texts[path] for path in (*found.harmless, *group)})
            if effect is None:
                found.unmeasured += group
            elif not effect.stops:
                found.harmless += group
            elif len(group) == 1:
                found.losing[group[0]] = effect.stopping
            else:
                suspected, others = _parted(group, effect)
                groups += [suspected, others]  # the last is measured first
        return found


def _parted(group: Sequence[str], effect: Effect) -> tuple[list[str], list[str]]:
    """Divides the paths into those that the lost messages name, and the others; into halves if that does not part them.

    A lost message names the entry that would answer it instead, or else the entry that answered it.
    """
    blamed = {row.after or row.before for row in effect.stopping}
    suspected = [path for path in group if PurePosixPath(path).name.partition(".")[0] in blamed]
    others = [path for path in group if path not in suspected]
    if suspected and others:
        return suspected, others
    half = len(group) // 2
    return list(group[half:]), list(group[:half])
