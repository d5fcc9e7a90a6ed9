"""Reads questions from Rasa's training data: an entry for each intent, whose examples become utterances."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from bot.faq.imports.sheet_cell import Cell, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.words.table import decoded

HEADINGS = ("id", "pregunta", "respuesta", "variantes")
EXAMPLE = re.compile(r"\s*-\s+(.+)")
# [Maipú](comuna), [Maipú]{"entity": "comuna"}; no part may contain a bracket, else a long line takes minutes
ENTITY = re.compile(r"\[([^\[\]]+)\](?:\([^()\[\]]*\)|\{[^{}\[\]]*\})")
ALIAS = re.compile(r"(?:^|[\s\[{:,])\*[^\s*]", re.MULTILINE)
NOT_AN_ID = re.compile(r"[^a-z0-9]+")
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rows(raw: bytes, _known: object, found: SheetFound) -> list[Row] | None:
    """Returns a row of headings and a row per intent that has examples; a row includes the response, if any.

    Adds a problem and returns None if there is no such intent.
    """
    text = decoded(raw) or ""
    try:
        if _repeats_parts(text):
            found.add("yaml_con_referencias")
            return None
        data = yaml.load(text, Loader)  # noqa: S506, a safe loader
    except (yaml.YAMLError, RecursionError, ValueError):
        data = None
    data = data if isinstance(data, dict) else {}
    responses = data.get("responses")
    made = list(_intents(data.get("nlu"), responses if isinstance(responses, dict) else {}))
    if not made:
        found.add("yaml_sin_intenciones")
        return None
    cells = [tuple(map(Cell.from_text, row)) for row in (HEADINGS, *made)]
    return [Row(number, row, counted=True) for number, row in enumerate(cells, start=1)]


def _repeats_parts(text: str) -> bool:
    """Returns whether the YAML uses aliases, with which a few lines can stand for billions. May raise YAMLError."""
    if not ALIAS.search(text):
        return False
    return any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, Loader))


def _intents(nlu: Any, responses: dict[Any, Any]) -> Iterator[tuple[str, ...]]:
    for block in nlu if isinstance(nlu, list) else ():
        intent = block.get("intent") if isinstance(block, dict) else None
        examples = [*_examples(block.get("examples"))] if isinstance(intent, str) else []
        if isinstance(intent, str) and examples:
            first = examples[0][0].upper() + examples[0][1:]
            id_ = NOT_AN_ID.sub("-", intent.lower()).strip("-")
            yield id_, first, _response(responses, intent), "\n".join(examples)


def _examples(written: Any) -> Iterator[str]:
    """Yields the examples in ``written`` (lines with hyphens, or a list), without entity annotations."""
    if isinstance(written, str):
        listed: list[Any] = [one[1] for one in map(EXAMPLE.fullmatch, written.split("\n")) if one]
    else:
        listed = written if isinstance(written, list) else []
    for one in listed:
        text = ENTITY.sub(r"\1", str(one.get("text", "") if isinstance(one, dict) else one)).strip()
        if text:
            yield text


def _response(responses: dict[Any, Any], intent: str) -> str:
    """Returns the text of the first variant of ``utter_<intent>``; "" if there is none.

    For a retrieval intent such as ``faq/horario``, ``utter_horario`` is also accepted.
    """
    for name in (f"utter_{intent}", f"utter_{intent.rpartition('/')[2]}"):
        variants = responses.get(name)
        first = variants[0] if isinstance(variants, list) and variants else None
        if isinstance(first, dict) and isinstance(first.get("text"), str):
            return str(first["text"])
    return ""
