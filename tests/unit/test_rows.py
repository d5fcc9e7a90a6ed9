"""Tests the tests' way to run all rows of a list in one test."""

from __future__ import annotations

import inspect

import pytest

from tests.rows import each_row


def message(test: object) -> str:
    with pytest.raises(pytest.fail.Exception) as raised:
        test()  # type: ignore[operator]
    return str(raised.value)


def test_every_row_that_fails_is_named_with_its_reason() -> None:
    @each_row(("one", "double"), [(1, 2), (2, 5), (0, 0), ("a", 0)])
    def doubled(one: int, double: int) -> None:
        assert one * 2 == double

    lines = message(doubled).splitlines()
    assert lines[0] == "2 of 4 rows fail"
    assert [line for line in lines if line.startswith("one=")] == ["one=2, double=5", "one='a', double=0"]
    assert "    assert (2 * 2) == 5" in lines


def test_row_that_breaks_or_skips_fails_too() -> None:
    @each_row("one", ["breaks", "skips", "passes"])
    def odd(one: str) -> None:
        if one == "breaks":
            raise KeyError(one)
        if one == "skips":
            pytest.skip("not here")

    assert message(odd).splitlines() == [
        "2 of 3 rows fail",
        "one='breaks'",
        "    KeyError: 'breaks'",
        "one='skips'",
        "    Skipped: not here",
    ]


def test_rows_are_combined_and_fixtures_are_kept() -> None:
    seen = []

    @each_row("first", ["a", "b"])
    @each_row("second", "12")
    def noted(first: str, agency: str, second: str) -> None:
        seen.append(first + second + agency)

    noted(agency="!")
    assert seen == ["a1!", "a2!", "b1!", "b2!"]
    assert list(inspect.signature(noted).parameters) == ["agency"]


def test_rows_of_a_function_are_found_when_the_test_runs() -> None:
    rows: list[str] = []

    @each_row("one", lambda: rows)
    def found(one: str) -> None:
        assert one == "a"

    rows += ["a", "b"]
    assert message(found).splitlines()[0] == "1 of 2 rows fail"


def test_list_without_rows_fails() -> None:
    @each_row("one", [])
    def empty(one: str) -> None:
        """Is never run."""

    with pytest.raises(AssertionError, match="no rows"):
        empty()
