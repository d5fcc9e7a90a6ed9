"""Composes the first files of a new agency: ``agency.yml``, based on this project's, and two entries.

Comments, and settings that need no decision on the first day, are copied from this project's file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain, count
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot.agency.front_page import MUNICIPALITY, kind_named
from bot.agency.schedule import WEEKDAYS, ranges
from bot.core.texts import area
from bot.text.normalize import plain

WORKDAYS = WEEKDAYS[:5]
ONE_LINE = 1_000_000
DEMO_ONLY = ("territorio", "cierres", "portada", "seguridad", "cifras", "crisis")


@dataclass(frozen=True)
class Starter:
    """The data that a new agency enters; ``hours`` are the opening hours of each workday, such as «8:30 a 14:00»."""

    name: str
    short_name: str
    assistant: str
    site: str
    phone: str
    email: str
    hours: str
    teams: tuple[str, ...]
    chosen_kind: str = ""  # MUNICIPALITY or SERVICE; '' if the name decides

    @property
    def kind(self) -> str:
        """Returns the kind of agency, which decides the words of its pages and its ready-made entries."""
        return self.chosen_kind or kind_named(self.name)

    @property
    def keys(self) -> tuple[str, ...]:
        """Returns a unique key for each team: its name in lower case, with underscores instead of spaces."""
        made: list[str] = []
        for name in self.teams:
            key = plain(name).replace(" ", "_")[:30].strip("_") or "equipo"
            numbered = (f"{key}_{number}" for number in count(len(made) + 1))
            made.append(next(one for one in chain((key,), numbered) if one not in made))
        return tuple(made)


def agency_yaml() -> YAML:
    """Returns a parser and writer of agency.yml that keeps its comments, quotes and long lines."""
    yaml = YAML(plug_ins=[])  # by default, ruamel.yaml searches the file system for plug-ins
    yaml.width = ONE_LINE
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def agency_file(template: str, starter: Starter) -> str:
    """Returns the text of the new agency's ``agency.yml``; ``template`` is the text of this project's file."""
    yaml = agency_yaml()
    made: Any = yaml.load(template)
    made["nombre"], made["nombre_corto"], made["asistente"] = starter.name, starter.short_name, starter.assistant
    if starter.kind == MUNICIPALITY:
        made["comuna"] = plain(starter.short_name).replace(" ", "-")
    else:
        del made["comuna"]
    made["sitio"], made["correo"] = starter.site, starter.email
    made["telefono"] = DoubleQuotedScalarString(starter.phone)
    made["direcciones"] = CommentedMap()
    for name in DEMO_ONLY:
        made.pop(name, None)
    if starter.kind != kind_named(starter.name):
        made["portada"] = CommentedMap({"tipo": starter.kind})
    for day in WEEKDAYS:
        open_hours = CommentedSeq(map(DoubleQuotedScalarString, ranges(starter.hours)) if day in WORKDAYS else [])
        open_hours.fa.set_flow_style()
        made["horario"][day] = open_hours
    made["equipos"] = _teams(starter)
    made["equipo_por_defecto"] = starter.keys[0]
    made["respuestas"]["entrada_horario"] = "horario"
    own = {**area("nueva")["textos"]}
    for name, text in own.items():
        filled = text.format(asistente=starter.assistant, nombre=starter.name, corto=starter.short_name)
        made["textos"][name] = LiteralScalarString(filled) if "\n" in filled else DoubleQuotedScalarString(filled)
    out = io.StringIO()
    yaml.dump(made, out)
    return out.getvalue()


def entry_fields(id_: str, starter: Starter, today: date) -> tuple[Mapping[str, str | list[str]], str]:
    """Returns the front matter and the answer of the starter entry ``id_``, with the agency's data filled in."""
    words = area("nueva")["respuestas"][id_]
    header: dict[str, str | list[str]] = {
        "id": id_,
        "pregunta": words["pregunta"],
        "variantes": list(words["variantes"]),
        "tema": "atencion",
        "equipo": starter.keys[0],
        "fuente": starter.site,
        "responsable": starter.short_name,
        "revisado": today.isoformat(),
    }
    hours = " y de ".join(one.replace("-", " a ") for one in ranges(starter.hours))
    values = {"horario": hours, "telefono": starter.phone, "correo": starter.email, "sitio": starter.site}
    return header, words["respuesta"].format(nombre=starter.name, **values)


@cache
def starter_utterances() -> Mapping[str, frozenset[str]]:
    """Returns the normalized utterances that this project wrote for each starter entry, keyed by the entry's id."""
    written = area("nueva")["respuestas"].items()
    return {id_: frozenset(map(plain, (words["pregunta"], *words["variantes"]))) for id_, words in written}


def _teams(starter: Starter) -> CommentedMap:
    teams = CommentedMap()
    for key, name in zip(starter.keys, starter.teams, strict=True):
        team = CommentedMap({"nombre": name})
        team.fa.set_flow_style()
        teams[key] = team
    return teams
