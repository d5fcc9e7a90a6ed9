"""Tests that keys and words in YAML are strings, because YAML reads a bare ``no`` as false and ``1`` as a number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.core.yaml import read_yaml, read_yaml_file
from tests.conftest import ROOT
from tests.rows import each_row

FILES = (ROOT / "agency.yml", *(ROOT / "bot").rglob("*.yml"), *(ROOT / "data").rglob("*.yml"), ROOT / "domain.yml")
# bot/turns/ratings/survey.py has a title for each score.
LOOKED_UP_BY_NUMBER = {"canales.yml: opinion.notas"}


def not_words(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yields the place and the key for each key that is not a string."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(value, dict) and not isinstance(key, str):
            yield ".".join(path), key
        yield from not_words(inner, (*path, str(key)))


def lists_of_words(value: Any) -> Iterator[list[Any]]:
    """Yields each list in which there is a string, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, list) and any(isinstance(one, str) for one in value):
        yield value
    for one in inner:
        yield from lists_of_words(one)


@each_row("path", FILES)
def test_no_list_of_words_holds_a_bare_yes_or_no(path: Path) -> None:
    lists = lists_of_words(read_yaml_file(path))
    assert [words for words in lists if any(isinstance(one, bool) for one in words)] == []


@each_row("path", FILES)
def test_every_key_is_a_string(path: Path) -> None:
    found = list(not_words(read_yaml_file(path)))
    allowed = [one for one in found if f"{path.name}: {one[0]}" in LOOKED_UP_BY_NUMBER and type(one[1]) is int]
    assert found == allowed


def test_key_of_another_type_is_found_at_any_depth() -> None:
    assert list(not_words(read_yaml("a: [{no: x}]\nb: {1: {yes: y}}"))) == [
        ("a.0", False),
        ("b", 1),
        ("b.1", True),
    ]
