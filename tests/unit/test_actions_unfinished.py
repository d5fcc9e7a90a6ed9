"""Tests which messages only begin to tell something."""

from __future__ import annotations

from actions.unfinished import is_unfinished, only_names_somebody
from tests.rows import each_row


@each_row(
    ("text", "is_one", "names_somebody"),
    [
        ("mi mamá", True, True),
        ("Es que mi hijo...", True, True),
        ("tengo un vecino", True, True),
        ("mi carnet", True, False),
        ("el otro día", True, True),
        ("¿mi mamá?", False, False),
        ("mamá", False, False),
        ("licencia de conducir", False, False),
        ("mi mamá tiene ochenta años", False, False),
        ("", False, False),
    ],
)
def test_short_beginning_of_a_story_is_unfinished(text: str, is_one: bool, names_somebody: bool) -> None:
    assert (is_unfinished(text), only_names_somebody(text)) == (is_one, names_somebody)
