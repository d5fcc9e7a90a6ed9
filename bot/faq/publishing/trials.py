"""Tries new texts of entries: explains the answers with them, and measures their effect. Publishes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience
from bot.faq.answering.left_out import Test
from bot.faq.entries.entry import Entry
from bot.faq.entries.reading import read
from bot.faq.publishing.agency_tests import MessageFiles
from bot.faq.publishing.check import explain
from bot.faq.publishing.effect import Effect, agency_tests, answered_by, benchmark_tests, effect
from bot.faq.publishing.reach import Found, reach


class Written(NamedTuple):
    """A new text of the entry at the path ``name``: the contents of its file, and of its phrases file (``beside``)."""

    name: str
    content: bytes
    beside: bytes


class Live(Protocol):
    """The published FAQ: its entries, its Answerer, and the experience to which the thresholds are adjusted."""

    @property
    def answerer(self) -> Answerer: ...
    @property
    def entries(self) -> tuple[Entry, ...]: ...
    @property
    def experience(self) -> Experience: ...


class Trials:
    """A service that tries new texts of entries; the last Answerer is cached.

    ``files`` are the places of messages with known answers, if any.
    """

    def __init__(self, live: Live, teams: Mapping[str, str], files: MessageFiles | None) -> None:
        self._live, self._teams, self._files = live, tuple(teams.items()), files
        self._last: tuple[tuple[Answerer, tuple[Entry, ...]], Answerer] | None = None

    def compared(self, text: str, written: Written) -> tuple[Sequence[str], Sequence[str] | None]:
        """Returns the answers to ``text`` now and with a new text of an entry, each as lines with the reasons.

        The second list is None if the new text has an error. Blocks for half a second, unless the previous call had the
        same new text.
        """
        found = self._read([written])
        now = explain(self._live.answerer, text, ids=False)
        return now, explain(self._with(found), text, ids=False) if found else None

    def effect(self, written: Sequence[Written], asked: Sequence[str]) -> Effect | None:
        """Measures how new texts of entries change the answers; None if a text has an error.

        ``asked`` are messages of citizens. Blocks for about a second; for longer the first time, when benchmark
        messages are embedded, and for up to a minute with hundreds of new entries.
        """
        found = self._read(written)
        if not found:
            return None
        changed = self._with(found)
        ids, files = [one.id for one in changed.entries], self._files
        known = {
            "tests": agency_tests(files.tests, ids) if files else [],
            "benchmark": benchmark_tests(files.benchmark, ids) if files else [],
        }
        return effect(self._live.answerer, changed, [one.id for one in found], **known, asked=asked)

    def reach(self, written: Written, asked: Sequence[str]) -> Found | None:
        """Finds out which texts an entry with a new text answers (reach.py); None if the new text has an error.

        ``asked`` are messages of citizens. Blocks for half a second.
        """
        found = self._read([written])
        return reach(self._with(found), found[0], asked) if found else None

    def answered(self, tests: Sequence[Test]) -> list[str]:
        """Returns the id of the entry that answers each message now ('' if none does). Blocks for about a second."""
        answerer = self._live.answerer
        read = answerer.read([one.text for one in tests], cached=True)
        decisions = answerer.answers(read, today=answerer.agency.today())
        return [answered_by(decision, one.entry) for decision, one in zip(decisions, tests, strict=True)]

    def _read(self, written: Sequence[Written]) -> list[Entry]:
        """Returns the parsed entries; [] if any text has an error."""
        found = [read(one.name, one.content, self._teams, one.beside or None).entry for one in written]
        return [one for one in found if one] if all(found) else []

    def _with(self, found: Sequence[Entry]) -> Answerer:
        live = self._live
        paths, same = {one.path for one in found}, {_place(one) for one in found}
        others = (one for one in live.entries if one.path not in paths and _place(one) not in same)
        entries = tuple(sorted((*found, *others), key=lambda one: one.path))
        if set(entries) == set(live.entries):
            return live.answerer
        if self._last is None or self._last[0] != (live.answerer, entries):
            changed = live.answerer.changed(entries)
            changed.learn(live.experience)
            self._last = (live.answerer, entries), changed
        return self._last[1]


def _place(entry: Entry) -> tuple[str, frozenset[tuple[str, tuple[str, ...]]]]:
    """Returns an entry's id and audience, by which an entry that has moved to another topic is recognized."""
    return entry.id, frozenset((name, tuple(values)) for name, values in entry.audience.items())
