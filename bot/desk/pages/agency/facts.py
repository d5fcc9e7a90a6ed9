"""Reads the agency's own facts from the text of agency.yml, and writes them back into it.

Only changed values are rewritten: comments, quotes, order and all other settings of the file stay as they are.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.agency.offices import office_title
from bot.agency.schedule import WEEKDAYS

ONE_LINE = 1_000_000
WELCOME = "textos.bienvenida"
LINES = ("nombre", "nombre_corto", "asistente", "sitio", "telefono", "correo")
DELEGATE = ("datos_personales.delegado.nombre", "datos_personales.delegado.correo")
FOUR_EYES = "edicion.cuatro_ojos"
BETWEEN_RANGES = re.compile(r"\s*(?:[,;\n]|\sy\s)\s*")
TO = re.compile(r"\s*(?:-|–|\sa\s)\s*")


@dataclass(frozen=True)
class Place:
    """An office: its key in the file ('' if it is new), its name, and its address."""

    key: str
    name: str
    address: str


@dataclass(frozen=True)
class Facts:
    """The agency's facts.

    ``texts`` are keyed by their place in the file (``datos_personales.delegado.nombre``); ``hours`` has the ranges of
    each weekday as one text (``08:30-14:00, 15:00-17:30``), '' if it is closed.
    """

    texts: Mapping[str, str]
    hours: Mapping[str, str]
    places: Sequence[Place]
    four_eyes: bool


def emergency_keys(texts: Mapping[str, str]) -> list[str]:
    """Returns the keys of the replies to emergencies among ``texts``."""
    return [key for key in texts if key.startswith("emergencias.")]


def read(text: str) -> Facts:
    """Returns the facts in the text of agency.yml. Raises YAMLError, and ValueError if it is not a mapping."""
    written = _loaded(text)
    groups = [f"emergencias.{name}.respuesta" for name in written.get("emergencias") or {}]
    keys = (*LINES, WELCOME, *DELEGATE, *groups)
    hours = written.get("horario") or {}
    return Facts(
        {key: str(_at(written, key) or "").strip() for key in keys},
        {day: ", ".join(map(str, hours.get(day) or ())) for day in WEEKDAYS},
        [
            Place(str(key), office_title(str(key)), _address(one))
            for key, one in (written.get("direcciones") or {}).items()
        ],
        bool(_at(written, FOUR_EYES)),
    )


def written(text: str, facts: Facts) -> str:
    """Returns the text of agency.yml with ``facts`` in it; what they leave as it is keeps its lines.

    Texts that the file does not have a place for are left out.
    """
    before, made = read(text), _loaded(text)
    for key, value in facts.texts.items():
        if value != before.texts.get(key, value):
            _put(made, key, LiteralScalarString(f"{value}\n") if "\n" in value else DoubleQuotedScalarString(value))
    for day, value in facts.hours.items():
        if ranges(value) != ranges(before.hours[day]):
            _put(made, f"horario.{day}", _flow(ranges(value)))
    if facts.four_eyes != before.four_eyes:
        _put(made, FOUR_EYES, facts.four_eyes)
    if list(facts.places) != list(before.places):
        _place(made, before.places, facts.places)
    out = io.StringIO()
    _yaml().dump(made, out)
    return out.getvalue()


def ranges(written: str) -> list[str]:
    """Returns the ranges in a text such as «8:30 a 14:00 y 15:00-17:30», in the form of agency.yml."""
    return [TO.sub("-", one) for one in BETWEEN_RANGES.split(written.strip()) if one]


def _place(made: Any, before: Sequence[Place], places: Sequence[Place]) -> None:
    """Removes, renames, changes and adds offices; an office whose address is unchanged keeps its point on the map."""
    written = made.get("direcciones")
    if not isinstance(written, CommentedMap) or not written:
        written = made["direcciones"] = CommentedMap()
    addresses = {one.key: one.address for one in before}
    for key in addresses.keys() - {one.key for one in places}:
        del written[key]
    for one in places:
        same = addresses.get(one.key) == one.address
        value = written[one.key] if same else DoubleQuotedScalarString(one.address)
        key = one.key if one.key and office_title(one.key) == one.name else one.name
        if one.key and key != one.key:
            position = list(written).index(one.key)
            del written[one.key]
            written.insert(position, key, value)
        elif not same:
            written[key] = value


def _address(written: Any) -> str:
    return str(written.get("direccion", "") if isinstance(written, dict) else written)


def _at(written: Any, key: str) -> Any:
    for part in key.split("."):
        written = written.get(part) if isinstance(written, dict) else None
    return written


def _put(written: Any, key: str, value: Any) -> None:
    *above, last = key.split(".")
    for part in above:
        if not isinstance(written.get(part), dict):
            written[part] = CommentedMap()
        written = written[part]
    written[last] = value


def _flow(some: Sequence[str]) -> CommentedSeq:
    made = CommentedSeq(map(DoubleQuotedScalarString, some))
    made.fa.set_flow_style()
    return made


def _loaded(text: str) -> Any:
    found = _yaml().load(text)
    if not isinstance(found, dict):
        raise ValueError(type(found).__name__)
    return found


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = ONE_LINE
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
