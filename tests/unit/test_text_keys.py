"""Tests that the texts of the YAML files are exactly those that the code uses."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from bot.agency.citizen_texts import REQUIRED_TEXTS
from bot.core import errors
from bot.core.texts import area, areas
from tests.conftest import ROOT
from tests.rows import each_row
from tests.source import syntax_tree

AREAS = areas()
PYTHON = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]
PAGES = [*(ROOT / "bot").rglob("*.html"), *(ROOT / "bot").rglob("*.js")]
# Sections that code reads key by key.
SHOWN_WHOLE = (
    "ficha.hechos",
    "ficha.propios",
    "telegram.menu",
    "telegram.ordenes",
    "desk.auditoria.columnas",
    "desk.comprobaciones",
    "widget.lugares",
    "tramites.temas",
    "mesa.guardadas_de_inicio",
    "datos.vias",
    "brecha.cuentas",
    "datos.identidades",
    "datos.lugares",
    "datos.clases",
    "datos.hecho",
    "derechos.pagina",
)

OF_AGENCY = "agency.textos."
SUBJECTS = [import_module(one.name) for one in pkgutil.iter_modules(errors.__path__, f"{errors.__name__}.")]
ERRORS = {one for subject in SUBJECTS for one in vars(subject).values() if isinstance(one, type)}


@dataclass(frozen=True)
class Asked:
    """A text key in the code; for an f-string, only its beginning."""

    place: str
    key: str
    whole: bool

    @property
    def section(self) -> str:
        return self.key.rpartition(".")[0]


@cache
def asked() -> list[Asked]:
    asking = [path for path in PYTHON if re.search(r"\b(say|area)\(", path.read_text(encoding="utf-8"))]
    return [one for path in asking for one in asked_in(syntax_tree(path), path.name)]


def asked_in(tree: ast.AST, file: str) -> Iterator[Asked]:
    """Yields the keys of ``say(...)``, ``area(...)[...]`` and ``agency.say(...)``."""
    for node in ast.walk(tree):
        place = f"{file}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call) and node.args and (prefix := prefix_of(node.func)) is not None:
            for written in either(node.args[0]):
                yield from key_of(written, place, prefix)
        elif isinstance(node, ast.Subscript) and (key := chain(node)):
            yield Asked(place, key, whole=True)


def prefix_of(asks: ast.expr) -> str | None:
    """Returns the prefix of the keys, or None if the call reads no text."""
    if isinstance(asks, ast.Name) and asks.id in {"say", "area"}:
        return ""
    if isinstance(asks, ast.Attribute) and asks.attr == "say" and ast.unparse(asks.value).endswith("agency"):
        return OF_AGENCY
    return None


def either(written: ast.expr) -> list[ast.expr]:
    return [written.body, written.orelse] if isinstance(written, ast.IfExp) else [written]


def key_of(written: ast.expr, place: str, prefix: str) -> Iterator[Asked]:
    if isinstance(written, ast.Constant):
        yield Asked(place, prefix + str(written.value), whole=True)
    elif isinstance(written, ast.JoinedStr) and isinstance(written.values[0], ast.Constant):
        yield Asked(place, prefix + str(written.values[0].value), whole=False)


def chain(node: ast.expr) -> str:
    """Returns ``area("cli")["staff"]`` as ``cli.staff``; '' for any other subscript."""
    if isinstance(node, ast.Call) and prefix_of(node.func) == "" and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)):
        return ""
    before = chain(node.value)
    return f"{before}.{node.slice.value}" if before else ""


def found(key: str) -> Any:
    """Returns the text of a key (REQUIRED_TEXTS if every agency must define it), or None if it does not exist."""
    if key.removeprefix(OF_AGENCY) in REQUIRED_TEXTS:
        return REQUIRED_TEXTS
    name, *path = key.split(".")
    value: Any = area(name) if name in AREAS else None
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def test_every_used_text_exists() -> None:
    assert len(asked()) > 300
    assert [(one.place, one.key) for one in asked() if one.whole and found(one.key) is None] == []


def test_every_used_text_prefix_has_its_section() -> None:
    begun = [one for one in asked() if not one.whole]
    last = [(one, one.key.rpartition(".")[2]) for one in begun]
    assert [(one.place, one.key) for one, start in last if not any_begins(found(one.section), start)] == []


def any_begins(section: Any, start: str) -> bool:
    return isinstance(section, dict) and any(str(key).startswith(start) for key in section)


@each_row("error", sorted(ERRORS, key=str))
def test_every_error_has_a_text(error: type) -> None:
    key = getattr(error, "text_key", "")
    assert not key or isinstance(found(key), str)


def leaves(value: Any, path: str) -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else ()
    for key, inner in pairs:
        yield from leaves(inner, f"{path}.{key}")
    if not isinstance(value, dict):
        yield path


@cache
def words() -> frozenset[str]:
    """Returns every word in the sources."""
    sources = [path.read_text(encoding="utf-8") for path in (*PYTHON, *PAGES)]
    return frozenset(word for source in sources for word in re.findall(r"\w+", source))


@cache
def beginnings() -> tuple[str, ...]:
    """Returns the words of the sources that code may continue to form a key's name."""
    return tuple(word for word in words() if word.endswith("_") and len(word) > 3)


@cache
def ends() -> tuple[str, ...]:
    """Returns the words of the sources that code may append to a key's name."""
    return tuple(word for word in words() if re.fullmatch(r"_[a-z]{2,}", word))


def is_asked_for(key: str) -> bool:
    """Returns whether the sources contain the key, its beginning and rest, or at least its last name."""
    own = key.rpartition(".")[2]
    if own in words() or own.isdigit() or own.startswith(beginnings()) or key.startswith(SHOWN_WHOLE):
        return True
    if own.endswith(ends()) and any(own.endswith(end) and own.removesuffix(end) in words() for end in ends()):
        return True
    rests = (key.removeprefix(one.key) for one in asked() if not one.whole and key.startswith(one.key))
    return any(rest.partition(".")[0] in words() for rest in rests)


@each_row("name", AREAS)
def test_every_text_is_used(name: str) -> None:
    assert [key for key in leaves(area(name), name) if not is_asked_for(key)] == []
