from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from bot.desk.pages.form_fields import number


@pytest.mark.parametrize(
    ("written", "expected"), [("17", 17), ("", 0), ("-1", 0), ("1.5", 0), ("9" * 15, 10**15 - 1), ("9" * 16, 0)]
)
def test_field_is_a_number_or_0(written: str, expected: int) -> None:
    assert number(FormData({"id": written}), "id") == expected


def test_missing_field_is_0() -> None:
    assert number(FormData(), "id") == 0
