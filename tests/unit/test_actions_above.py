"""Tests when the answer above is all that there is to say."""

from __future__ import annotations

import pytest

from actions.replies.above import is_above
from tests.unit.actions_fakes import candidates


@pytest.mark.parametrize(
    ("ids", "previous", "words", "is_one"),
    [
        (("bache",), "bache", "¿y si no tengo el papel?", True),
        (("bache", "poda"), "bache", "¿y dónde queda?", True),
        (("bache", "poda"), "bache", "¿y si no tengo el papel?", False),
        (("bache",), "poda", "¿y dónde queda?", False),
        (("bache",), None, "¿y dónde queda?", False),
    ],
)
def test_likeliest_answer_is_above_and_no_other_is_meant(
    ids: tuple[str, ...], previous: str | None, words: str, is_one: bool
) -> None:
    assert is_above(candidates(*ids), previous, words) is is_one
