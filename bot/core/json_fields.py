"""Converts dataclasses to and from JSON (for Redis, PostgreSQL and browsers), one key per field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Self

_NAMES: dict[type[Any], frozenset[str]] = {}  # of the fields of each class, since a list of tickets reads many events


@dataclass(frozen=True)
class JsonFields:
    """A dataclass with a JSON form.

    ``from_data`` ignores unknown keys and raises TypeError if a required field is missing.
    """

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**known_of(cls, data))

    def to_data(self) -> dict[str, Any]:
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}


@dataclass(frozen=True)
class SparseFields(JsonFields):
    """A JsonFields whose JSON omits the fields that have their default value."""

    def to_data(self) -> dict[str, Any]:
        changed = (one for one in fields(self) if getattr(self, one.name) != _default(one))
        return {one.name: _plain(getattr(self, one.name)) for one in changed}


def known_of(made: type[JsonFields], data: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the items of ``data`` whose key is a field of the dataclass ``made``."""
    names = _NAMES.get(made) or _NAMES.setdefault(made, frozenset(one.name for one in fields(made)))
    return {name: value for name, value in data.items() if name in names}


def _default(one: Field[Any]) -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _plain(value: object) -> Any:
    if isinstance(value, JsonFields):
        return value.to_data()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
