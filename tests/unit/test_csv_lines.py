"""Tests that no file that people open in a spreadsheet runs what somebody else wrote as a formula."""

from __future__ import annotations

import re

import pytest

from bot.desk.pages.figures import files
from bot.text.csv_lines import csv_line, safe_cell
from tests.faq_files import ROOT

WRITES_CSV = re.compile(r"\bcsv\.(?:Dict)?[wW]riter\(")
# topics.csv of the FAQ is read by the program; its texts of citizens are made harmless before (``_harmless``).
OF_THEIR_OWN = {"bot/text/csv_lines.py", "bot/desk/editing/other_topics.py"}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1", "－1"])
def test_cell_that_a_spreadsheet_would_execute_is_marked_as_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


def test_numbers_stay_numbers() -> None:
    assert csv_line(["=1", -1, None, 2.5], ",") == "'=1,-1,,2.5\r\n"


def test_every_csv_file_is_written_with_marked_cells() -> None:
    writing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        if WRITES_CSV.search(path.read_text(encoding="utf-8"))
    }
    assert writing == OF_THEIR_OWN


def test_cells_of_a_workbook_are_marked_too() -> None:
    assert files._safe(("=1+1", 2, None)) == ["'=1+1", 2, None]
