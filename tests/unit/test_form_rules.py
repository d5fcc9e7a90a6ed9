"""Compares the limits that docs/security.md tells of forms with those of the code."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests.faq_files import ROOT

ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<rule>[^|]+) \| `(?P<file>[\w/]+)\.py` `(?P<name>[A-Z_]+)` \|$", re.MULTILINE
)
_, _, SECTION = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## What forms accept\n")
ROWS = [row.groupdict() for row in ROW.finditer(SECTION.partition("\n## ")[0])]


def test_every_row_of_the_table_names_its_place() -> None:
    table = [line for line in SECTION.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(table) - 1 > 20  # all but the heading


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']} {row['name']}")
def test_documented_limit_is_the_one_of_the_code(row: dict[str, str]) -> None:
    limit = getattr(import_module(row["file"].replace("/", ".")), row["name"])
    assert str(limit) in re.findall(r"\d+", row["rule"])
