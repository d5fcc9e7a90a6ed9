"""Compares the limits of forms in docs/security.md with the limits in the code."""

from __future__ import annotations

import re
from importlib import import_module

from tests.faq_files import ROOT
from tests.rows import each_row

ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<rule>[^|]+) \| `(?P<file>[\w/]+)\.py` `(?P<name>[A-Z_]+)` \|$", re.MULTILINE
)
_, _, SECTION = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## What forms accept\n")
ROWS = [row.groupdict() for row in ROW.finditer(SECTION.partition("\n## ")[0])]


def test_every_row_of_the_table_names_its_place() -> None:
    table = [line for line in SECTION.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(table) - 1 > 20  # all but the heading


@each_row("row", ROWS)
def test_documented_limit_is_the_one_of_the_code(row: dict[str, str]) -> None:
    limit = getattr(import_module(row["file"].replace("/", ".")), row["name"])
    assert str(limit) in re.findall(r"\d+", row["rule"])


TOGETHER = re.compile(r"^\| [^|]+ \| [^|]+ \| `(?P<file>[\w/]+\.py)` \| `(?P<test>[\w/]+\.py)::(?P<name>\w+)` \|$")
_, _, BELONGING = (
    (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("## Fields that belong together\n")
)


def test_every_rule_about_fields_that_belong_together_names_its_file_and_test() -> None:
    table = [line for line in BELONGING.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    rows = [TOGETHER.match(line) for line in table[1:]]
    assert len(rows) > 10
    for row, line in zip(rows, table[1:], strict=True):
        assert row, line
        assert (ROOT / row["file"]).exists(), line
        assert f"def {row['name']}(" in (ROOT / row["test"]).read_text(encoding="utf-8"), line
