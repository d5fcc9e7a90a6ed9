"""Approves several entries with one decision of a second person, and publishes them.

What cannot be published is held back, and does not prevent the others. Each approval and each publication is recorded
as if its entry had been approved alone.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.desk.editing.approving.checking import DraftChecks, Unchecked
from bot.desk.editing.approving.harmless import HarmlessTexts
from bot.desk.editing.approving.review_queue import InReview, ReviewQueue
from bot.desk.editing.editions import Outdated
from bot.desk.editing.measuring.effect import Row
from bot.desk.editing.measuring.gate import MIN_REASON, Gate
from bot.desk.editing.publisher import PublishedMeanwhile, Publisher, UnseenOnDisk
from bot.desk.editing.record import Editor, OwnText
from bot.desk.editing.reviews import Reviews
from bot.faq.entries.problem import Problem


@dataclass(frozen=True)
class Held:
    """An entry that was not published, and why.

    ``why`` is a key of ``aprobar_varias.porque``, or '' if ``error`` says it. ``lost`` are the messages that would lose
    their answer, and ``problems`` the errors of the text. ``is_approved`` is true if it was approved nevertheless.
    """

    entry: InReview
    why: str = ""
    error: Exception | None = None
    lost: Sequence[Row] = ()
    problems: Sequence[Problem] = ()
    is_approved: bool = False


@dataclass
class Outcome:
    """What became of the chosen entries.

    ``published`` answer from now on and ``scheduled`` from the date that their author asked for; ``gone`` is the number
    of those that no longer wait, or wait with another text than the person has read.
    """

    published: list[InReview] = field(default_factory=list)
    scheduled: list[InReview] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    gone: int = 0


class JointApproval:
    """Carries out the decision; ``today`` returns the agency's date."""

    def __init__(
        self,
        queue: ReviewQueue,
        reviews: Reviews,
        publisher: Publisher,
        checks: DraftChecks,
        harmless: HarmlessTexts,
        gate: Gate,
        today: Callable[[], date],
    ) -> None:
        self._queue, self._reviews, self._publisher = queue, reviews, publisher
        self._checks, self._harmless, self._gate, self._today = checks, harmless, gate, today

    async def approve(self, read: Mapping[uuid.UUID, str], by: Editor, reason: str = "", subject: str = "") -> Outcome:
        """Approves and publishes entries; ``read`` maps each document's id to the hash of the text that ``by`` read.

        With a ``reason`` of MIN_REASON characters, entries that lose messages are published too; the audit log records
        it once, about ``subject``, as for an import.
        """
        waiting = await self._queue.waiting()
        chosen = [one for one in waiting if read.get(one.document) == one.text.hash]
        outcome = Outcome(gone=len(read) - len(chosen))
        ready = await self._ready(chosen, by, outcome)
        texts = {_file(one): one.text for one in ready}
        if texts and len(reason) >= MIN_REASON:
            judged = await self._gate.judge(texts, reason, by, subject)
            for one in ready:
                await self._publish(one, _file(one), by, outcome, judged.accepted)
            return outcome
        measured = await self._harmless.among(texts)
        for one in ready:
            path = _file(one)
            if path in measured.losing:
                outcome.held.append(Held(one, "pierde", lost=measured.losing[path]))
            elif path in measured.unmeasured:
                outcome.held.append(Held(one, "sin_medir"))
            else:
                await self._publish(one, path, by, outcome)
        return outcome

    async def _ready(self, chosen: Sequence[InReview], by: Editor, outcome: Outcome) -> list[InReview]:
        """Returns the entries that only lack the approval; adds the others to ``outcome``."""
        ready = []
        errors = await asyncio.to_thread(
            self._checks.errors, [Unchecked(one.path, one.text) for one in chosen], self._today()
        )
        files = Counter(map(_file, chosen))
        for one, wrong in zip(chosen, errors, strict=True):
            if error := _prevents(one, by):
                outcome.held.append(Held(one, error=error))
            elif wrong:
                outcome.held.append(Held(one, "con_error", problems=wrong))
            elif files[_file(one)] > 1:
                outcome.held.append(Held(one, "mismo_archivo"))
            else:
                ready.append(one)
        return ready

    async def _publish(
        self, one: InReview, path: str, by: Editor, outcome: Outcome, accepted: Sequence[str] = ()
    ) -> None:
        """Approves an entry and publishes it, unless its author asked for a date."""
        is_approved = False
        try:
            goes_live = await self._reviews.approve(one.document, one.text.hash, by, accepted=accepted)
            is_approved = True
            if goes_live:
                await self._publisher.publish(one.document, path, by, expected=one.text.hash)
        except Outdated:
            outcome.gone += 1
        except (VentanillaError, OSError) as error:
            log.warning("entries: not published", document=str(one.document), error=type(error).__name__)
            outcome.held.append(Held(one, error=error, is_approved=is_approved))
        else:
            (outcome.published if goes_live else outcome.scheduled).append(one)


def _prevents(one: InReview, by: Editor) -> Exception | None:
    """Returns the error that an approval or a publication would raise; None if nothing is known to prevent it."""
    if by.id is None or by.id in one.authors:
        return OwnText()
    if one.is_unseen_on_disk:
        return UnseenOnDisk()
    return PublishedMeanwhile() if one.is_stale else None


def _file(one: InReview) -> str:
    return Unchecked(one.path, one.text).target
