"""Tests that libyaml gives the same result as the parser in Python, and that errors keep their line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.core.yaml import FAST, read_yaml
from tests.conftest import ROOT

SHIPPED = (ROOT / "agency.yml", ROOT / "domain.yml", ROOT / "bot" / "crisis" / "phrases.yml")


def test_libyaml_reads() -> None:
    assert FAST is yaml.CSafeLoader


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_both_parsers_read_the_same_from_a_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert read_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: [b", "a: b: c", "a: 'b", "\tb: c", "a: &b *c", "a: !!python/name:os.system x"])
def test_error_is_reported_with_its_line(text: str) -> None:
    with pytest.raises(yaml.YAMLError) as clear:
        yaml.safe_load(text)
    with pytest.raises(yaml.YAMLError) as told:
        read_yaml(text)
    assert str(told.value) == str(clear.value)


def test_lists_nested_too_deeply_end_in_an_error() -> None:
    with pytest.raises(RecursionError):
        read_yaml("[" * 1000)


def test_date_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="month must be"):
        read_yaml("a: 2026-13-45")
