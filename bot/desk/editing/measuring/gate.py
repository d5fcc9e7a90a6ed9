"""Decides whether a change may be published: at once if it loses no test message or utterance, else only with a reason.

A test message or an utterance is lost if, after the change, it gets a wrong answer or none instead of the right one. A
lost benchmark message stops nothing; the page shows it. A change whose effect cannot be measured needs a reason too.
The reason is recorded in the audit log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.auth.audit import Action, AuditLog
from bot.desk.editing.measuring.effect import Effect, Effects
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText

MIN_REASON, MAX_REASON = 10, 500  # characters


@dataclass(frozen=True)
class Judged:
    """The effect of a change (None if it could not be measured), and whether the change may be published."""

    effect: Effect | None
    passes: bool

    @property
    def accepted(self) -> list[str]:
        """Returns the keys of the lost messages; the person who publishes the change accepts their loss."""
        return [row.key for row in self.effect.stopping] if self.effect else []


class Gate:
    """Measures changes, and decides whether they may be published.

    A change that loses test messages or utterances, or cannot be measured, needs a reason, which is recorded in the
    audit log.
    """

    def __init__(self, effects: Effects, audit: AuditLog) -> None:
        self._effects, self._audit = effects, audit

    async def judge(self, texts: Mapping[str, EntryText], reason: str, by: Editor, subject: str) -> Judged:
        """Measures the texts, keyed by path, and decides whether they may be published; records a required reason.

        ``reason`` is the editor's reason for publishing them despite the effect, '' if none was given; it is recorded
        in the audit log. ``subject`` is the document's id, or the name of the imported file.
        """
        found = await self._effects.of(texts)
        if found is not None and not found.stops:
            return Judged(found, passes=True)
        if len(reason) < MIN_REASON:
            return Judged(found, passes=False)
        facts = {"lost": len(found.stopping)} if found else {"measured": False}
        named = {"hash": next(iter(texts.values())).hash} if len(texts) == 1 else {"entries": len(texts)}
        await self._audit.record(
            Action.ENTRY_OVERRIDDEN, staff_id=by.id, subject=subject, reason=reason, **facts, **named
        )
        return Judged(found, passes=True)


def digest_of(texts: Mapping[str, EntryText]) -> str:
    """Returns a hash of the texts, so that an editor can confirm only the texts whose effect was shown."""
    return hashlib.sha256("\n".join(f"{path} {texts[path].hash}" for path in sorted(texts)).encode()).hexdigest()
