"""Reads the agency's own facts from the text of agency.yml, and writes them back into it.

Only changed values are rewritten: comments, quotes, order and all other settings of the file stay as they are. The file
gets the indents of the shipped file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from ruamel.yaml.tokens import CommentToken

from bot.agency.offices import office_title
from bot.agency.schedule import WEEKDAYS, ranges
from bot.agency.starter import agency_yaml
from bot.core.yaml import read_yaml
from bot.desk.pages.agency.closures import closed, line_of

WELCOME = "textos.bienvenida"
LINES = ("nombre", "nombre_corto", "asistente", "sitio", "telefono", "correo")
DELEGATE = ("datos_personales.delegado.nombre", "datos_personales.delegado.correo")
# The keys of the replies to an emergency; the second is for citizens who cannot call.
NEEDED, SILENT = REPLIES = ("respuesta", "sin_hablar")
FRONT = ("portada.lema", "portada.pregunta", "portada.bajada")  # may be blank: then the usual words
FOUR_EYES = "edicion.cuatro_ojos"
COLOR = "color"
USUAL_COLOR = "#1f5f4f"  # of an agency.yml that names none


@dataclass(frozen=True)
class Place:
    """An office: its key in the file ('' if it is new), its name, and its address."""

    key: str
    name: str
    address: str


@dataclass(frozen=True)
class Facts:
    """The agency's facts.

    ``texts`` are keyed by their place in the file (``datos_personales.delegado.nombre``). ``hours`` has the ranges of
    each weekday as one text (``08:30-14:00, 15:00-17:30``), '' for a closed day. ``closures`` are the closed days as
    people type them (closures.py).
    """

    texts: Mapping[str, str]
    hours: Mapping[str, str]
    places: Sequence[Place]
    four_eyes: bool
    closures: Sequence[str] = ()


FACTS = TypeAdapter(Facts)
TRUTH = TypeAdapter(bool)


def merged(shown: Facts, posted: Facts, now: Facts) -> tuple[Facts, list[str]]:
    """Merges the facts: takes facts that the person changed from ``posted``, all other facts from ``now``.

    The person changed a fact if it differs between ``shown`` and ``posted``. Also returns the keys of the facts that
    the person and the file changed in different ways; these are as posted.
    """
    clashes: list[str] = []

    def of(key: str, before: Any, typed: Any, current: Any) -> Any:
        if typed == before:
            return current
        if current not in (before, typed):
            clashes.append(key)
        return typed

    texts = {
        key: of(key, shown.texts.get(key, ""), posted.texts.get(key, now.texts[key]), now.texts[key])
        for key in now.texts
    }
    hours = {
        day: of("horario", ranges(shown.hours[day]), ranges(posted.hours[day]), ranges(now.hours[day]))
        for day in WEEKDAYS
    }
    places = of("direcciones", list(shown.places), list(posted.places), list(now.places))
    four_eyes = of(FOUR_EYES, shown.four_eyes, posted.four_eyes, now.four_eyes)
    closures = of("cierres", list(shown.closures), list(posted.closures), list(now.closures))
    return Facts(texts, {day: ", ".join(some) for day, some in hours.items()}, places, four_eyes, closures), clashes


def changed(before: Facts, after: Facts) -> list[str]:
    """Returns the keys of the facts that differ."""
    found = [key for key, value in after.texts.items() if value != before.texts.get(key, "")]
    if any(ranges(value) != ranges(before.hours[day]) for day, value in after.hours.items()):
        found.append("horario")
    if list(after.places) != list(before.places):
        found.append("direcciones")
    if list(after.closures) != list(before.closures):
        found.append("cierres")
    return found + [FOUR_EYES] * (after.four_eyes != before.four_eyes)


def emergency_keys(texts: Mapping[str, str]) -> list[str]:
    """Returns the keys of the replies to emergencies in ``texts``, including those for citizens who cannot call."""
    return [key for key in texts if key.startswith("emergencias.")]


def read(text: str) -> Facts:
    """Returns the facts in the text of agency.yml. Raises YAMLError, and ValueError if it is not a mapping."""
    written = _loaded(text)
    kinds = written.get("emergencias") or {}
    replies = [(name, reply) for name in kinds for reply in REPLIES if reply in (NEEDED, *(kinds[name] or ()))]
    groups = [f"emergencias.{name}.{reply}" for name, reply in replies]
    keys = (*LINES, *FRONT, WELCOME, *DELEGATE, *groups)
    hours = written.get("horario") or {}
    return Facts(
        {COLOR: str(_at(written, COLOR) or USUAL_COLOR)} | {key: str(_at(written, key) or "").strip() for key in keys},
        {day: ", ".join(map(str, hours.get(day) or ())) for day in WEEKDAYS},
        [
            Place(str(key), office_title(str(key)), _address(one))
            for key, one in (written.get("direcciones") or {}).items()
        ],
        _four_eyes(text),
        [line_of(one) for one in written.get("cierres") or ()],
    )


def written(text: str, facts: Facts) -> str:
    """Returns the text of agency.yml with ``facts`` in it; unchanged facts keep their lines.

    Omits texts for which the file has no place.
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
    if list(facts.closures) != list(before.closures):
        old = {line_of(one): one for one in made.get("cierres") or ()}
        made["cierres"] = _in_flow([old[line] if line in old else _closure(line) for line in facts.closures])
    out = io.StringIO()
    agency_yaml().dump(made, out)
    return out.getvalue()


def key_of(place: Place) -> str:
    """Returns the office's key for the file: its old key, or its name if it is new or was renamed."""
    return place.key if place.key and office_title(place.key) == place.name else place.name


def _place(made: Any, before: Sequence[Place], places: Sequence[Place]) -> None:
    """Writes ``places`` into ``made``, the file's data; an office whose address is unchanged keeps its value."""
    old = made.get("direcciones")
    old = old if isinstance(old, CommentedMap) else CommentedMap()
    addresses = {one.key: one.address for one in before}
    fresh = CommentedMap()
    for one in places:
        key = key_of(one)
        same = addresses.get(one.key) == one.address
        fresh[key] = old[one.key] if same else DoubleQuotedScalarString(one.address)
        if one.key in old.ca.items:
            fresh.ca.items[key] = old.ca.items[one.key]
    below = _without_the_end(old)
    made["direcciones"] = fresh
    if below:
        _end_with(below, fresh.ca.items if fresh else made.ca.items, list(fresh)[-1] if fresh else "direcciones")


def _without_the_end(old: CommentedMap) -> str:
    """Removes and returns the comment lines below the last office, which belong to the next setting; '' if none."""
    last = list(old)[-1] if old else ""
    token = old.ca.items[last][2] if last in old.ca.items else None
    if token is None:
        return ""
    beside, newline, below = token.value.partition("\n")
    old.ca.items[last][2] = CommentToken(beside + newline, token.start_mark) if beside else None
    return str(newline + below) if below else ""


def _end_with(below: str, comments: dict[str, Any], key: str) -> None:
    """Adds the comment lines ``below`` after the value of ``key`` in ``comments``, as ruamel.yaml stores them."""
    token = (comments.get(key) or [None] * 4)[2]
    beside = token.value.rstrip("\n") if token else ""
    comments[key] = [None, None, CommentToken(beside + below, token.start_mark if token else CommentMark(0)), None]


def _address(written: Any) -> str:
    return " ".join(str(written.get("direccion", "") if isinstance(written, dict) else written).split())


def _four_eyes(text: str) -> bool:
    """Returns the setting FOUR_EYES as the agency's model reads it: «no» is false, quoted or not."""
    try:
        return TRUTH.validate_python(_at(read_yaml(text), FOUR_EYES) or False)
    except ValidationError:
        return False


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


def _closure(line: str) -> Any:
    """Returns the value in the file of a typed line. Raises ValueError."""
    day, start, end = closed(line)
    if not start and not end:
        return day
    hours = {key: DoubleQuotedScalarString(text) for key, text in (("desde", start), ("hasta", end)) if text}
    made = CommentedMap({"fecha": day, **hours})
    made.fa.set_flow_style()
    return made


def _flow(some: Sequence[str]) -> CommentedSeq:
    return _in_flow([DoubleQuotedScalarString(one) for one in some])


def _in_flow(some: Sequence[Any]) -> CommentedSeq:
    made = CommentedSeq(some)
    made.fa.set_flow_style()
    return made


def _loaded(text: str) -> Any:
    found = agency_yaml().load(text)
    if not isinstance(found, dict):
        raise ValueError(type(found).__name__)
    return found
