"""Tests reading and writing dataclasses as JSON, one key for each field."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.core.json_fields import JsonFields, SparseFields


@dataclass(frozen=True)
class Inner(JsonFields):
    id: str


@dataclass(frozen=True)
class Outer(SparseFields):
    name: str
    inner: tuple[Inner, ...] = ()
    known: dict[str, str] = field(default_factory=dict)


def test_nested_fields_become_plain_json() -> None:
    made = Outer("a", (Inner("1"),), {"idioma": "es"})
    assert made.to_data() == {"name": "a", "inner": [{"id": "1"}], "known": {"idioma": "es"}}


def test_sparse_fields_leave_defaults_out() -> None:
    assert Outer("a").to_data() == {"name": "a"}


def test_unknown_keys_are_ignored_and_a_missing_one_is_refused() -> None:
    assert Inner.from_data({"id": "1", "later": True}) == Inner("1")
    with pytest.raises(TypeError):
        Inner.from_data({})
