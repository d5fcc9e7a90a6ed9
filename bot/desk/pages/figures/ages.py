"""Sorts the published entries by age and use: old entries with many answers come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.channels.web.answers.shown import topic_title
from bot.core.texts import say
from bot.faq.entries.entry import Entry
from bot.figures.numbers import number
from bot.figures.results import Entry as Answered
from bot.figures.sampling.samples import NOT_JUDGED, Judged
from bot.figures.shown import FEW

NONE_JUDGED: Mapping[str, Judged] = {}
OLD_DAYS = 180  # days without a confirmation after which an entry is old
FRESH_DAYS = 90
MONTH_DAYS, YEAR_DAYS = 30, 365
DAYS_UNTIL = 60  # younger ages are shown in days


@dataclass(frozen=True)
class AgedEntry:
    """A published entry: days since it was confirmed, answers and ratings of the period; ``path`` is its file."""

    id: str
    path: str
    question: str
    topic: str
    reviewed: date
    days: int
    count: int
    useful: int
    useless: int
    sample: Judged = NOT_JUDGED  # of the weekly samples

    @property
    def is_urgent(self) -> bool:
        """Returns whether the entry is old and answers often."""
        return self.days >= OLD_DAYS and self.count >= FEW

    @property
    def age(self) -> str:
        """Returns the time since the confirmation as Spanish text, such as «7 meses»."""
        if self.days < DAYS_UNTIL:
            return say("cifras.edad.dia" if self.days == 1 else "cifras.edad.dias", n=number(self.days))
        if self.days < 2 * YEAR_DAYS:
            return say("cifras.edad.meses", n=number(self.days // MONTH_DAYS))
        return say("cifras.edad.anos", n=number(self.days // YEAR_DAYS))

    @property
    def answers(self) -> str:
        return number(self.count)

    @property
    def sampled(self) -> str:
        """Returns a Spanish text that states how many of the judged answers were wrong; '' if none was judged."""
        one = self.sample
        return say("cifras.de", valor=number(one.bad), total=number(one.count)) if one.count else ""

    @property
    def judged(self) -> str:
        """Returns a Spanish text that states how many of the ratings were positive; '' without ratings."""
        rated = self.useful + self.useless
        return say("cifras.de", valor=number(self.useful), total=number(rated)) if rated else ""


def aged(
    entries: Iterable[Entry], answered: Sequence[Answered], today: date, judged: Mapping[str, Judged] = NONE_JUDGED
) -> list[AgedEntry]:
    """Returns the entries with their ages; urgent ones (old and often used) come first.

    Within the urgent and the others, sorts by days since the last confirmation times number of answers, largest first.
    Entries of one id share their answers: only the one confirmed longest ago is included.
    """
    counts: Mapping[str, Answered] = {one.entry: one for one in answered}
    oldest: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda one: one.reviewed):
        oldest.setdefault(entry.id, entry)
    found = [
        _aged(entry, counts.get(entry.id, Answered(entry.id, 0, 0, 0, 0)), today, judged.get(entry.id, NOT_JUDGED))
        for entry in oldest.values()
    ]
    return sorted(found, key=lambda one: (not one.is_urgent, -one.days * one.count, -one.days, one.question))


@dataclass(frozen=True)
class AgeSummary:
    """A summary of the entries' ages in Spanish, and the entries over a year old that answered most.

    ``old`` states that no entry is that old, or that none of these answered in the period; '' otherwise.
    """

    counted: str
    old: str
    most_asked: Sequence[AgedEntry]
    urgent: int  # number of entries that are over a year old and answer often


def summary(entries: Collection[AgedEntry], most: int) -> AgeSummary | None:
    """Sums up the ages, with at most ``most`` of the most asked old entries; None without entries."""
    if not entries:
        return None
    old = [one for one in entries if one.days > YEAR_DAYS]
    fresh = sum(one.days < FRESH_DAYS for one in entries)
    counts = {"total": len(entries), "frescas": fresh, "medias": len(entries) - fresh - len(old), "viejas": len(old)}
    asked = sorted((one for one in old if one.count), key=lambda one: (-one.count, -one.days, one.question))
    return AgeSummary(
        say("informe.edades.cuenta", **{name: number(count) for name, count in counts.items()}),
        say("informe.edades.ninguna_preguntada") if old and not asked else "",
        asked[:most],
        sum(one.is_urgent for one in old),
    )


def _aged(entry: Entry, answered: Answered, today: date, judged: Judged) -> AgedEntry:
    days = max((today - entry.reviewed).days, 0)
    ratings = answered.useful, answered.useless
    topic = topic_title(entry.topic, (entry,))
    known = (entry.id, entry.path, entry.question, topic, entry.reviewed, days, answered.count)
    return AgedEntry(*known, *ratings, judged)
