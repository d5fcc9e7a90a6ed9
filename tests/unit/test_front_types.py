"""Tests that the JavaScript types match the API's shapes."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from scripts.front_types import declarations, type_of, types_files


def test_files_are_up_to_date() -> None:
    stale = [path.name for path, text in types_files().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: make types"


@pytest.mark.parametrize(
    ("schema", "typed"),
    [
        ({"type": "string", "pattern": "x"}, "string"),
        ({"type": "integer"}, "number"),
        ({"const": "welcome", "type": "string"}, "'welcome'"),
        ({"enum": ["a", "b"], "type": "string"}, "'a' | 'b'"),
        ({"anyOf": [{"$ref": "#/$defs/Owner"}, {"type": "null"}]}, "Owner | null"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "('a' | 'b')[]"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "boolean"}}}, "boolean[][]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    ],
)
def test_each_kind_of_schema_has_its_type(schema: dict[str, Any], typed: str) -> None:
    assert type_of(schema) == typed


class Pet(BaseModel):
    """An animal; ``name`` may be missing."""

    kind: Literal["cat"]
    name: str | None = Field(default=None, description="As called.")


def test_model_becomes_an_interface_with_its_comments() -> None:
    expected = (
        "/** An animal; `name` may be missing. */\nexport interface Pet {\n"
        "  kind: 'cat';\n  /** As called. */\n  name?: string | null;\n}"
    )
    assert declarations([Pet]) == [expected]
