from __future__ import annotations

from datetime import date

import pytest
from starlette.datastructures import FormData

from bot.desk.pages.form_fields import day, number, short


@pytest.mark.parametrize(
    ("written", "expected"), [("17", 17), ("", 0), ("-1", 0), ("1.5", 0), ("9" * 15, 10**15 - 1), ("9" * 16, 0)]
)
def test_field_is_a_number_or_0(written: str, expected: int) -> None:
    assert number(FormData({"id": written}), "id") == expected


def test_missing_field_is_0() -> None:
    assert number(FormData(), "id") == 0


@pytest.mark.parametrize(
    ("written", "expected"), [("2026-11-30", date(2026, 11, 30)), ("2026-11-31", None), ("", None)]
)
def test_day_is_parsed_if_it_exists(written: str, expected: date | None) -> None:
    assert day(written) == expected


def test_short_field_has_only_readable_characters_and_at_most_64() -> None:
    assert short(f" R-17\0 {'x' * 80}") == f"R-17 {'x' * 59}"
