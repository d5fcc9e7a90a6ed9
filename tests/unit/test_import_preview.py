"""Tests what the preview of an import says once instead of at every row."""

from __future__ import annotations

from bot.desk.pages.importing.preview import LEAST_SHARED, Looked
from bot.faq.entries.problem import Severity
from bot.faq.imports.columns import Columns
from bot.faq.imports.plan import Plan
from bot.faq.imports.sheet import Sheet
from bot.faq.imports.sheet_problem import SheetProblem, Spot

ROWS = range(2, LEAST_SHARED + 2)


def looked(*problems: SheetProblem) -> Looked:
    plan = Plan({}, frozenset(), problems)
    return Looked([], Columns(0, {}), Sheet((), ()), plan, frozenset(ROWS), frozenset())


def problem(row: int, message: str, severity: Severity = Severity.ADVICE) -> SheetProblem:
    return SheetProblem(Spot(row), message, "Arréglalo.", severity)


def test_advice_of_many_rows_is_given_once_and_that_of_few_and_errors_are_not() -> None:
    same = [problem(row, "Una sola forma.") for row in ROWS]
    few = [problem(row, "Un recado.") for row in ROWS[1:]]
    wrong = [problem(row, "Sin respuesta.", Severity.ERROR) for row in ROWS]
    assert looked(*same, *few, *wrong).shared == {("Una sola forma.", "Arréglalo."): LEAST_SHARED}


def test_advice_of_rows_that_are_not_chosen_does_not_count() -> None:
    assert looked(*(problem(row + LEAST_SHARED, "Una sola forma.") for row in ROWS)).shared == {}
