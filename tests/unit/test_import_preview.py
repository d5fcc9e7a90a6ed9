"""Tests the preview of an import: what each row would become."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.editing.importing import OpenDraft
from bot.desk.editing.record import State
from bot.desk.pages.importing.preview import Looked
from bot.faq.entries.problem import Severity
from bot.faq.imports.columns import Columns
from bot.faq.imports.plan import Plan
from bot.faq.imports.sheet import Sheet
from bot.faq.imports.sheet_problem import SheetProblem, Spot

LOOKED = Looked(
    rows=(),
    columns=Columns(0, {"pregunta": 1}),
    table=Sheet((), ()),
    plan=Plan({}, frozenset(), ()),
    chosen=frozenset({2, 3, 4}),
    existing=frozenset({4, 5}),
)


def test_preview_counts_the_existing_entries_that_change() -> None:
    assert LOOKED.replaced == 1


def test_row_with_an_error_is_wrong_and_one_with_advice_is_not() -> None:
    problems = (SheetProblem(Spot(row=2), "", ""), SheetProblem(Spot(row=3), "", "", Severity.ADVICE))
    assert replace(LOOKED, plan=Plan({}, frozenset(), problems)).wrong == {2}


def test_preview_names_the_required_field_without_a_column() -> None:
    assert LOOKED.lacks == ("respuesta",)


def test_preview_lists_the_decided_texts_that_an_import_replaces() -> None:
    drafts = {"a.md": OpenDraft("", "1", State.APPROVED), "b.md": OpenDraft("", "2", State.DRAFT)}
    assert replace(LOOKED, paths={2: "a.md", 3: "b.md"}, drafts=drafts).approved == {2: "1"}
