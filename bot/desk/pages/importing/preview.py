"""Holds the preview of an import: what each row would become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from bot.desk.editing.importing import OpenDraft
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.view import readable_form
from bot.faq.entries.problem import Severity
from bot.faq.entries.schema import ANSWER
from bot.faq.imports import columns as headings
from bot.faq.imports import import_row
from bot.faq.imports.columns import Columns
from bot.faq.imports.plan import Plan
from bot.faq.imports.sheet import Line, Sheet
from bot.faq.imports.sheet_cell import Row
from bot.faq.imports.sheet_problem import SheetProblem

LEAST_SHARED = 4  # minimum number of rows whose common advice is given once, above the rows


@dataclass(frozen=True)
class Looked:
    """The preview of an import: all rows, the ``plan`` of the chosen rows, and the rows of existing entries or drafts.

    ``chosen`` and ``existing`` are numbers of rows; ``paths`` are the files of all rows. ``differences`` are the
    changes, as safe HTML, to the open draft or the published text of each row that has one; '' if it stays equal.
    ``left_out`` is the advice on files, or parts of them, that are not imported. ``drafts`` are the open drafts, by
    their entry's path. ``repeated`` maps each row that equals an earlier one to that row.
    """

    rows: Sequence[Row]
    columns: Columns
    table: Sheet
    plan: Plan
    chosen: frozenset[int]
    existing: frozenset[int]
    differences: Mapping[int, str] = field(default_factory=dict)
    left_out: Sequence[SheetProblem] = ()
    paths: Mapping[int, str] = field(default_factory=dict)
    drafts: Mapping[str, OpenDraft] = field(default_factory=dict)
    repeated: Mapping[int, int] = field(default_factory=dict)

    def draft(self, row: int) -> OpenDraft | None:
        """Returns the open draft of this row's entry, which the row replaces; None if there is none."""
        return self.drafts.get(self.paths.get(row, ""))

    def replaced_drafts(self, texts: Mapping[str, EntryText]) -> set[str]:
        """Returns the hashes of the open drafts that ``texts``, by path, replace; an equal draft only if approved."""
        both = ((text, self.drafts[path]) for path, text in texts.items() if path in self.drafts)
        return {one.hash for text, one in both if one.is_approved or one.hash != text.hash}

    @property
    def lacks(self) -> tuple[str, ...]:
        """Returns the names of the required fields (question, answer) without a column; no row can be imported then."""
        return tuple(name for name in ("pregunta", ANSWER) if not self.columns.of.get(name))

    @property
    def proposed(self) -> Mapping[str, int]:
        """Returns the likeliest column of each field in ``lacks``, if any column is free."""
        return headings.likely(self.rows, self.columns)

    def problems(self, row: int) -> list[SheetProblem]:
        return [one for one in self.plan.problems if one.spot.row == row]

    @cached_property
    def shared(self) -> Mapping[tuple[str, str], int]:
        """Returns each advice, its message and fix, that LEAST_SHARED chosen rows or more have, and their number.

        Advice on a cell of the row, such as on a note in the answer, is not among it.
        """
        advice = {
            (one.spot.row, one.message, one.fix)
            for one in self.plan.problems
            if _may_be_shared(one) and one.spot.row in self.chosen
        }
        counts = Counter((message, fix) for _, message, fix in advice)
        return {words: count for words, count in counts.items() if count >= LEAST_SHARED}

    def own_problems(self, row: int) -> list[SheetProblem]:
        """Returns the problems of a row that are not ``shared``."""
        shared = self.shared
        return [one for one in self.problems(row) if not (_may_be_shared(one) and (one.message, one.fix) in shared)]

    def is_wrong(self, row: int) -> bool:
        return any(one.severity is Severity.ERROR for one in self.problems(row))

    @property
    def wrong(self) -> frozenset[int]:
        return frozenset(filter(self.is_wrong, self.chosen))

    @property
    def replaced(self) -> int:
        """Returns the number of chosen rows that change an existing entry."""
        return len(self.chosen & self.existing)

    def utterances(self, line: Line) -> int:
        return len(import_row.variants(line))


def _may_be_shared(problem: SheetProblem) -> bool:
    return problem.severity is Severity.ADVICE and not problem.spot.name


@lru_cache(maxsize=2_000)
def drafted_question(text: EntryText) -> str:
    """Returns the question of a draft; '' if its header cannot be parsed."""
    form = readable_form(text)
    return form.fields["pregunta"] if form else ""
