"""Explains invalid YAML to editors who do not know YAML: reports suspicious lines instead of the parser's message."""

from __future__ import annotations

import re

import yaml

from bot.faq.entries.problem import Found
from bot.faq.entries.schema import field_names

KEY = re.compile(r"^([A-Za-zÁÉÍÓÚÑáéíóúñ_][\wáéíóúñ-]*)(\s*):(\s|$)")
KEY_GLUED = re.compile(r"^([A-Za-z_]+):(\S.*)$")
KEY_ALONE = re.compile(r"^([a-z_]+)\s+(\S.*)$")
SPECIAL = "@`%&*!|>{[]},#"
QUOTES = "\"'"
MAX_QUOTED = 160


def explain(header: list[str], offset: int, error: Exception | None, found: Found) -> None:
    """Adds a problem for each suspicious line of ``header``; if there is none, for the line where the parser stopped.

    ``offset`` is the number of lines before the header in the file.
    """
    before = len(found.problems)
    for number, line in enumerate(header, start=offset + 1):
        _explain_line(line, number, found)
    if len(found.problems) == before:
        found.add("yaml", _stopped_at(error) + 1 + offset)


def _stopped_at(error: Exception | None) -> int:
    mark = getattr(error, "problem_mark", None) if isinstance(error, yaml.MarkedYAMLError) else None
    return int(mark.line) if mark is not None else 0


def _explain_line(line: str, number: int, found: Found) -> None:
    bare = line.strip()
    if not bare or bare.startswith("#"):
        return
    if "\t" in line[: len(line) - len(line.lstrip())] or line.startswith("\t"):
        found.add("tabulacion", number)
        return
    name, value = _name_and_value(line, number, found)
    if value is not None:
        _explain_value(name, value, number, found)


def _name_and_value(line: str, number: int, found: Found) -> tuple[str, str | None]:
    """Returns the field's name ("" for a list item) and its value; adds a problem to ``found`` for a malformed line.

    The value is None if it needs no further check.
    """
    bare = line.strip()
    if bare.startswith("-"):
        if len(bare) > 1 and bare[1] != " ":
            found.add("guion_sin_espacio", number, escrito=bare[:MAX_QUOTED], corregido="- " + bare[1:].lstrip("-"))
            return "", None
        return "", bare[1:].strip()
    if line[0].isspace():
        return "", None
    if key := KEY.match(line):
        return key[1], line[key.end() :].strip()
    if glued := KEY_GLUED.match(line):
        found.add("dos_puntos_sin_espacio", number, glued[1], corregido=f"{glued[1]}: {glued[2]}")
    elif (alone := KEY_ALONE.match(line)) and alone[1] in field_names():
        found.add("sin_dos_puntos", number, alone[1], corregido=f"{alone[1]}: {alone[2]}")
    else:
        found.add("linea_suelta", number, escrito=bare[:MAX_QUOTED])
    return "", None


def _explain_value(name: str, value: str, number: int, found: Found) -> None:
    if not value:
        return
    if value[0] in QUOTES:
        if len(value) < 2 or not value.endswith(value[0]):
            found.add("comillas_abiertas", number, name)
        return
    if ": " in value or value.endswith(":"):
        found.add("dos_puntos_en_texto", number, name, corregido=quoted(value))
    elif value[0] in SPECIAL and not _is_flow(value):
        found.add("signo_especial", number, name, signo=value[0], corregido=quoted(value))


def _is_flow(value: str) -> bool:
    return (value[0], value[-1]) in {("[", "]"), ("{", "}")}


def quoted(value: str) -> str:
    """Returns ``value`` as a double-quoted YAML string."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
