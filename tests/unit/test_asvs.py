"""Tests that docs/asvs.yml is correct, and that the script finds mistakes."""

from __future__ import annotations

import re

import pytest

from scripts.asvs import CHAPTERS, FILE, SUMMARY, exists, expected, problems

# How many requirements of levels 1 and 2 each chapter has in the standard, V1 to V17.
COUNTS = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7]
TEXT, TABLE = FILE.read_text("utf-8"), SUMMARY.read_text("utf-8")


def test_file_and_table_are_right() -> None:
    assert problems(TEXT, TABLE) == []


def test_chapters_have_as_many_requirements_of_levels_1_and_2_as_the_standard() -> None:
    counts = {chapter: sum(id.startswith(f"{chapter}.") for id in expected()) for chapter in CHAPTERS}
    assert [counts[f"V{number}"] for number in range(1, 18)] == COUNTS
    assert len(expected()) == sum(COUNTS) == 253


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (r"^V8\.1\.1:.*\n", "", "V8.1.1: missing"),
        (r"^V8\.1\.1:", "V8.2.1:", "twice: V8.2.1"),
        (r"^V8\.1\.1:", "V8.9.9:", "V8.9.9: not of level 1 or 2"),
        (r"^V8\.1\.1:", "uno:", "uno: no id of the standard"),
        (r"^(V8\.1\.1: \{is: )met, by: \[[^]]*\]", r"\1met, by: []", "V8.1.1: met, and nothing shows it"),
        (r"^(V8\.1\.1: \{is: )met", r"\1perhaps", "perhaps"),
        (r"bot/core/roles\.yml", "bot/core/rules.yml", "V8.1.1: bot/core/rules.yml does not exist"),
        (r"::test_change_without_the_session_token_is_refused", "::test_gone", "::test_gone does not exist"),
    ],
)
def test_mistakes_are_found(old: str, new: str, expected: str) -> None:
    changed = re.sub(old, new, TEXT, count=1, flags=re.MULTILINE)
    assert changed != TEXT
    assert expected in "\n".join(problems(changed, TABLE))


@pytest.mark.parametrize(
    ("chapter", "old", "new"),
    [
        ("V14", r"^(\| V14 [^|]*\|) partly \|", r"\1 met |"),
        ("V14", r"^(\| V14 [^|]*\| partly \|) \d+ \|", r"\1 9 |"),
        ("V14", r"^\| V14 .*\n", ""),
        ("all", r"^(\| all \| partly \|) \d+ \|", r"\1 253 |"),
    ],
)
def test_table_that_differs_is_found(chapter: str, old: str, new: str) -> None:
    other = re.sub(old, new, TABLE, count=1, flags=re.MULTILINE)
    assert other != TABLE
    assert [one.partition(": docs/security.md says ")[0] for one in problems(TEXT, other)] == [chapter]


def test_helper_function_does_not_count_as_a_test() -> None:
    assert exists("tests/unit/test_asvs.py::test_helper_function_does_not_count_as_a_test")
    assert not exists("tests/unit/test_asvs.py::helper")
