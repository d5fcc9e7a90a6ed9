"""Tests the preview of an import: what each row would become, and what is said once instead of at every row."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.editing.importing import OpenDraft
from bot.desk.editing.record import State
from bot.desk.editing.text import EntryText
from bot.desk.pages.importing.preview import LEAST_SHARED, Looked
from bot.faq.entries.problem import Severity
from bot.faq.entries.schema import ANSWER
from bot.faq.imports.columns import Columns
from bot.faq.imports.plan import Plan
from bot.faq.imports.sheet import Sheet
from bot.faq.imports.sheet_problem import SheetProblem, Spot

ROWS = range(2, LEAST_SHARED + 2)


def looked(*problems: SheetProblem) -> Looked:
    plan = Plan({}, frozenset(), problems)
    return Looked([], Columns(0, {}), Sheet((), ()), plan, frozenset(ROWS), frozenset())


def problem(row: int, message: str, severity: Severity = Severity.ADVICE, name: str = "") -> SheetProblem:
    return SheetProblem(Spot(row, name=name), message, "Arréglalo.", severity)


def test_advice_of_many_rows_is_given_once_and_that_of_few_and_errors_are_not() -> None:
    same = [problem(row, "Una sola forma.") for row in ROWS]
    few = [problem(row, "Un recado.") for row in ROWS[1:]]
    wrong = [problem(row, "Sin respuesta.", Severity.ERROR) for row in ROWS]
    assert looked(*same, *few, *wrong).shared == {("Una sola forma.", "Arréglalo."): LEAST_SHARED}


def test_advice_of_rows_that_are_not_chosen_does_not_count() -> None:
    assert looked(*(problem(row + LEAST_SHARED, "Una sola forma.") for row in ROWS)).shared == {}


def test_rows_are_counted_once_however_often_each_has_the_advice() -> None:
    twice = [problem(row, "Una sola forma.") for row in ROWS for _ in range(2)]
    assert looked(*twice).shared == {("Una sola forma.", "Arréglalo."): LEAST_SHARED}
    assert looked(*twice[2:]).shared == {}


def test_advice_on_a_cell_stays_at_its_row() -> None:
    noted = [problem(row, "«____» parece un recado.", name=ANSWER) for row in ROWS]
    same = [problem(row, "Una sola forma.") for row in ROWS]
    seen = looked(*noted, *same)
    assert (seen.own_problems(ROWS[0]), list(seen.shared)) == ([noted[0]], [("Una sola forma.", "Arréglalo.")])


def test_error_stays_at_its_row_although_shared_advice_says_the_same() -> None:
    wrong = problem(ROWS[0], "Una sola forma.", Severity.ERROR)
    assert looked(wrong, *(problem(row, "Una sola forma.") for row in ROWS)).own_problems(ROWS[0]) == [wrong]


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
    problems = (problem(2, "", Severity.ERROR), problem(3, ""))
    assert replace(LOOKED, plan=Plan({}, frozenset(), problems)).wrong == {2}


def test_preview_names_the_required_field_without_a_column() -> None:
    assert LOOKED.lacks == ("respuesta",)


def test_preview_lists_the_other_texts_that_an_import_replaces() -> None:
    new, old = EntryText("new"), EntryText("old")
    states = {"a.md": (new, State.APPROVED), "b.md": (new, State.DRAFT), "c.md": (old, State.REVIEW)}
    drafts = {path: OpenDraft(text, text.hash, state) for path, (text, state) in states.items()}
    found = replace(LOOKED, drafts=drafts)
    assert [found.replaced_drafts({path: new}) for path in (*drafts, "d.md")] == [{new.hash}, set(), {old.hash}, set()]
