"""Measures how a change of entries would affect the answers, before anybody approves the change.

Four kinds of messages are answered with the old and with the new entries: utterances of the changed entries and the
most similar ones of other entries; the agency's test messages (data/pruebas); the benchmark messages, if there are any,
that an entry of the agency should answer; and recent messages of citizens. Each utterance is left out of the index,
since an utterance in the index is always recognized. A message that no longer gets the right entry counts as lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import Decision
from bot.faq.answering.left_out import LeftOut, Test, is_answered, left_out, messages_of
from bot.faq.publishing.agency_tests import Written, messages_of_file, written_tests
from bot.text.normalize import plain

MOST_TESTS, MOST_BENCHMARK, MOST_ASKED = 300, 600, 40  # maximum numbers of judged messages: measuring takes seconds
CLEAR_FALL = 0.1  # smaller changes of an utterance's probability are ignored if the likeliest entry stays the same


class Change(StrEnum):
    """The change in how a message is answered; the Spanish names are in ``entradas.efecto``."""

    LOST = "lost"  # the right entry answered before, but no longer does
    REFUSED = "refused"  # some entry answered before, but none does now
    OTHER = "other"  # a different entry answers now
    WON = "won"  # the right entry answers now; if the right one is unknown: an entry answers now, none did before
    UNOFFERED = "unoffered"  # no entry answers, and a changed entry is no longer offered as a choice
    OFFERED = "offered"  # no entry answers, and a changed entry is offered now


class Origin(StrEnum):
    """The source of a message: an utterance of the FAQ, the agency's tests, the benchmark, or a citizen."""

    UTTERANCE = "wording"  # as in the record
    TEST = "test"
    BENCHMARK = "benchmark"
    ASKED = "asked"


@dataclass(frozen=True)
class Row:
    """A message that is answered differently, and the ids of the entries that answer it before and after the change.

    ``before`` and ``after`` are '' if no entry answers. If ``change`` is UNOFFERED, ``before`` is the id of the changed
    entry that was a choice; if it is OFFERED, ``after`` is the id of the changed entry that is a choice now. ``entry``
    is the id of the entry that should answer, '' if that is unknown or none should.
    """

    text: str
    source: Origin
    change: Change
    entry: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """The messages whose answer changes, lost ones first; ``judged`` counts all compared messages, by origin."""

    rows: tuple[Row, ...]
    judged: dict[Origin, int]

    def to_json(self) -> dict[str, Any]:
        return {"rows": [asdict(row) for row in self.rows], "judged": self.judged}


def effect(
    before: Answerer,
    after: Answerer,
    ids: Sequence[str],
    *,
    tests: Sequence[Test],
    asked: Sequence[str],
    benchmark: Sequence[Test] = (),
) -> Effect:
    """Compares the answers before and after the change of the entries ``ids``.

    Blocks for about a second; for longer the first time that hundreds of ``benchmark`` messages are embedded. Uses at
    most MOST_TESTS of ``tests``, MOST_BENCHMARK of ``benchmark`` and MOST_ASKED of ``asked``, the messages of citizens.
    """
    messages = [Test(text, "") for text in asked[:MOST_ASKED]]
    known = {plain(one.text) for one in tests}
    more = [one for one in benchmark if plain(one.text) not in known]
    judged = [
        *_of_utterances(before, after, ids),
        *_of_messages(before, after, ids, tests[:MOST_TESTS], Origin.TEST),
        *_of_messages(before, after, ids, more[:MOST_BENCHMARK], Origin.BENCHMARK),
        *_of_messages(before, after, ids, messages, Origin.ASKED),
    ]
    places = list(Change)
    rows = sorted((row for row, _ in judged if row), key=lambda row: (places.index(row.change), row.source, row.text))
    return Effect(tuple(rows), {source: sum(one is source for _, one in judged) for source in Origin})


def agency_tests(folder: Path, entries: Sequence[str]) -> list[Test]:
    """Reads the folder's test messages (docs/evaluation.md); ignores those whose entry's id is not in ``entries``.

    Raises OSError.
    """
    return _about(written_tests(folder), entries)


def benchmark_tests(file: Path | None, entries: Sequence[str]) -> list[Test]:
    """Reads the benchmark messages whose right entry is among ``entries`` (ids); [] if there is no such file.

    Messages without an entry are ignored: an agency may answer what the benchmark's town does not. Raises OSError.
    """
    found = _about(messages_of_file(file), entries) if file and file.is_file() else []
    return [one for one in found if one.entry]


def _about(written: Iterable[Written], entries: Sequence[str]) -> list[Test]:
    tests = (Test(one.text, one.entry) for one in written)
    return [one for one in tests if not one.entry or one.entry in entries]


Judged = tuple[Row | None, Origin]


def _of_utterances(before: Answerer, after: Answerer, ids: Sequence[str]) -> Iterator[Judged]:
    """Yields the row (None without a clear change) and the origin of each utterance, answered as if not in the index.

    An utterance that the change removes is answered by the new entries like any message.
    """
    removed = [one for one in messages_of(before.ranked[0], ids) if one.entry in ids and not _is_written(one, after)]
    tests = list(dict.fromkeys([*messages_of(after.ranked[0], ids), *removed]))
    old = {one.test: one for one in left_out(*before.ranked, tests)}
    new = {one.test: one for one in left_out(*after.ranked, tests)}
    for test in tests:
        if test in old and test in new:
            was, now = _reached(old[test], before), _reached(new[test], after)
            clear = abs(old[test].chance - new[test].chance) > CLEAR_FALL or old[test].best != new[test].best
            yield _row(test, Origin.UTTERANCE, was, now) if clear else None, Origin.UTTERANCE
    gone = [one for one in removed if one in old]
    read = after.read([one.text for one in gone], cached=True)
    for test, decision in zip(gone, after.answers(read, today=after.agency.today()), strict=True):
        now = answered_by(decision, test.entry)
        yield _row(test, Origin.UTTERANCE, _reached(old[test], before), now), Origin.UTTERANCE


def _is_written(test: Test, answerer: Answerer) -> bool:
    entry = answerer.entry(test.entry)
    return entry is not None and plain(test.text) in {plain(one) for one in entry.utterances}


def _of_messages(
    before: Answerer, after: Answerer, ids: Sequence[str], messages: Sequence[Test], source: Origin
) -> Iterator[Judged]:
    read = before.read([one.text for one in messages], cached=source is not Origin.ASKED)
    old, new = (one.answers(read, today=after.agency.today()) for one in (before, after))
    for test, was, now in zip(messages, old, new, strict=True):
        row = _row(test, source, answered_by(was, test.entry), answered_by(now, test.entry))
        yield row or _of_offers(test, source, _offered(was, before, ids), _offered(now, after, ids)), source


def _offered(decision: Decision, answerer: Answerer, ids: Sequence[str]) -> list[str]:
    """Returns those of the entries ``ids`` that the citizen gets as choices."""
    shown = decision.candidates[: answerer.agency.max_choices] if decision.kind == "clarify" else ()
    return [one.entry for one in shown if one.entry in ids]


def _of_offers(test: Test, source: Origin, before: Sequence[str], after: Sequence[str]) -> Row | None:
    """Returns the row of a message that no entry answers; None if it offers the same changed entries as before."""
    gone = next((one for one in before if one not in after), "")
    fresh = next((one for one in after if one not in before), "")
    if gone:
        return Row(test.text, source, Change.UNOFFERED, test.entry, gone, "")
    return Row(test.text, source, Change.OFFERED, test.entry, "", fresh) if fresh else None


def _reached(found: LeftOut, answerer: Answerer) -> str:
    return found.best if is_answered(answerer, found.test.text, found.best, found.chance) else ""


def answered_by(decision: Decision, wanted: str = "") -> str:
    """Returns the id of the answering entry, '' if none answers; if several answer, ``wanted`` takes precedence."""
    if decision.kind != "answer":
        return ""
    ids = [one.id for one in decision.answers]
    return wanted if wanted in ids else next(iter(ids), "")


def _row(test: Test, source: Origin, before: str, after: str) -> Row | None:
    """Returns the row of a message; None if the same entry answers before and after."""
    if before == after:
        return None
    is_known = source is not Origin.ASKED  # no entry should answer a test message without an entry
    if is_known and before == test.entry:
        change = Change.LOST
    elif after == test.entry if is_known else not before:
        change = Change.WON
    else:
        change = Change.OTHER if after else Change.REFUSED
    return Row(test.text, source, change, test.entry, before, after)
