"""Counts citizens' ratings of the answers of each entry, for editors and for the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bot.faq.entries.entry import Entry
from bot.record.engine import Sessions
from bot.record.tables import AnswerRating

COUNTED_OVER = timedelta(days=30)
SHOWN = 100


@dataclass(frozen=True)
class EntryRatings:
    """The ratings of an entry's answers in the last 30 days, with the counts of the reasons given.

    ``question`` is the entry's question; '' if the entry is no longer published.
    """

    entry: str
    useful: int
    useless: int
    reasons: dict[str, int]
    question: str = ""


class AnswerRatings:
    """Reads the ratings of answers from PostgreSQL; ``entries`` returns the published entries."""

    def __init__(self, sessions: Sessions, entries: Callable[[], Iterable[Entry]] = tuple) -> None:
        self._sessions, self._entries = sessions, entries

    async def by_entry(self) -> list[EntryRatings]:
        """Returns the ratings of at most SHOWN entries; the entries most often rated as not useful come first."""
        since = datetime.now(UTC) - COUNTED_OVER
        opinion = (AnswerRating.entry, AnswerRating.useful, AnswerRating.reason)
        query = select(*opinion, func.count()).where(AnswerRating.at >= since).group_by(*opinion)
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        found: dict[str, EntryRatings] = {}
        for entry, useful, reason, count in rows:
            old = found.get(entry) or EntryRatings(entry, 0, 0, {})
            reasons = old.reasons | ({reason: count} if reason else {})
            found[entry] = EntryRatings(
                entry, old.useful + count * useful, old.useless + count * (not useful), dict(sorted(reasons.items()))
            )
        questions = {entry.id: entry.question for entry in self._entries()}
        named = (replace(one, question=questions.get(one.entry, "")) for one in found.values())
        return sorted(named, key=lambda one: (-one.useless, -one.useful, one.entry))[:SHOWN]
