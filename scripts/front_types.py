"""Writes the front end's TypeScript types from the API's pydantic models: ``python -m scripts.front_types``.

tests/unit/test_front_types.py fails if the files are out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.channels.web import frame_shapes as frames
from bot.channels.web import shapes as chat
from bot.channels.web.widget import FOLDER as WIDGET_FOLDER
from bot.desk import shapes as desk
from bot.desk.pages.templates import FOLDER as DESK_FOLDER

HEAD = "// Made by `python -m scripts.front_types` from {sources}: change those.\n"
REFERENCE = "#/$defs/"
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
CHAT_MODELS: tuple[type[BaseModel], ...] = (
    chat.Acknowledged,
    chat.ChatEvent,
    chat.Configuration,
    chat.Incoming,
    chat.AnswerRatingIn,
    chat.RatingIn,
    chat.Opened,
    chat.Problem,
    chat.Signal,
)
BASES = (frames.Frame, desk.Shape)


def types_files() -> dict[Path, str]:
    """Returns the content of each file of types, keyed by its path."""
    told = _models_of(frames)
    union = " | ".join(sorted(model.__name__ for model in told))
    chat_types = [*declarations([*CHAT_MODELS, *told]), f"export type Frame = {union};"]
    sources = "bot/channels/web/shapes.py and bot/channels/web/frame_shapes.py"
    return {
        WIDGET_FOLDER / "api.d.ts": _file(chat_types, sources),
        DESK_FOLDER / "static" / "shapes.d.ts": _file(declarations(_models_of(desk)), "bot/desk/shapes.py"),
    }


def declarations(models: Iterable[type[BaseModel]]) -> list[str]:
    """Returns an ``export`` for each model and for each type that the models refer to, sorted by name."""
    _, schema = models_json_schema([(model, "validation") for model in models])
    return [_declaration(name, shape) for name, shape in sorted(schema["$defs"].items())]


def type_of(schema: Mapping[str, Any]) -> str:
    """Converts a JSON schema to a TypeScript type; raises KeyError for unsupported features."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REFERENCE)
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(type_of(one) for one in schema["anyOf"])
    if schema["type"] == "array":
        item = type_of(schema["items"])
        return f"({item})[]" if " | " in item else f"{item}[]"
    if schema["type"] == "object":
        return f"Record<string, {type_of(schema['additionalProperties'])}>"
    return PLAIN[schema["type"]]


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    comment = _comment(schema.get("description", ""), "")
    if "properties" not in schema:
        return f"{comment}export type {name} = {type_of(schema)};"
    required = schema.get("required", [])
    lines = [f"  {key}{'' if key in required else '?'}: {type_of(one)};" for key, one in schema["properties"].items()]
    comments = [_comment(one.get("description", ""), "  ") for one in schema["properties"].values()]
    body = "\n".join(comment + line for comment, line in zip(comments, lines, strict=True))
    return f"{comment}export interface {name} {{\n{body}\n}}"


def _comment(words: str, indent: str) -> str:
    words = " ".join(words.split()).replace("``", "`")
    return f"{indent}/** {words} */\n" if words else ""


def _literal(value: str) -> str:
    return f"'{value}'"


def _models_of(module: Any) -> list[type[BaseModel]]:
    """Returns the models that a module defines, without their base classes."""
    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, BASES)]
    return [one for one in found if one not in BASES and one.__module__ == module.__name__]


def _file(declared: list[str], sources: str) -> str:
    return HEAD.format(sources=sources) + "\n" + "\n\n".join(declared) + "\n"


def main() -> int:
    for path, text in types_files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
