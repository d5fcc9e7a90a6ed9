"""Lets a change go live: at once if it loses no test message, otherwise with a reason, which is audited.

A change whose effect cannot be measured needs a reason too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.auth.audit import Action, AuditLog
from bot.desk.editing.measuring.effect import LOST, Effect, Effects
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText

MIN_REASON, MAX_REASON = 10, 500  # letters


@dataclass(frozen=True)
class Judged:
    """The effect of a change, None if it could not be measured, and whether the change may go live."""

    effect: Effect | None
    passes: bool

    @property
    def accepted(self) -> list[str]:
        """Returns the keys of the lost messages, which somebody accepts if the change goes live."""
        return [row.key for row in self.effect.of(LOST)] if self.effect else []


class Gate:
    """Measures changes, and audits the reasons of those that go live all the same."""

    def __init__(self, effects: Effects, audit: AuditLog) -> None:
        self._effects, self._audit = effects, audit

    async def judge(self, texts: Mapping[str, EntryText], reason: str, by: Editor, subject: str) -> Judged:
        """Measures the texts, by path; ``reason`` says why they shall go live all the same, '' for nothing yet.

        ``subject`` is an entry's id, or the name of the file that is brought in.
        """
        found = await self._effects.of(texts)
        if found is not None and not found.stops:
            return Judged(found, passes=True)
        if len(reason) < MIN_REASON:
            return Judged(found, passes=False)
        facts = {"lost": len(found.of(LOST))} if found else {"measured": False}
        named = {"hash": next(iter(texts.values())).hash} if len(texts) == 1 else {"entries": len(texts)}
        await self._audit.record(
            Action.ENTRY_OVERRIDDEN, staff_id=by.id, subject=subject, reason=reason, **facts, **named
        )
        return Judged(found, passes=True)
