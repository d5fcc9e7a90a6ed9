"""Tests that packages exchange dataclasses, enums or plain values, and no untyped dictionaries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tests.source import statements, syntax_tree

ROOT = Path(__file__).parents[2]
OF_ANYTHING = re.compile(r"\b(?:dict|Mapping|MutableMapping)\b(?:\[str, Any\]|(?!\[))")
JSON_BORDERS = {"to_dict", "from_dict", "to_data", "from_data"}
ALLOWED = {
    "bot.core.texts:area": "utterances as their editors nest them in YAML",
    "bot.privacy.personal_data:PersonalData.export": "rows of many tables as JSON, for whom they are about",
    "bot.record.tables.conversations:Audit.detail": "JSON: each action has facts of its own, shown as they are",
    "bot.record.tables.conversations:PendingApproval.events": "JSON: the lines that wait, as EventLogEntry writes them",
    "bot.record.tables.sampling:SampleWeek.strata": "JSONB, as the tables are",
    "bot.record.tables.episodes:FigureMonth.figures": "JSON: one month, as bot/figures/publishing.py writes it",
    "bot.record.tables.conversations:Message.data": "JSON: read by Event.from_data",
}

Parsed = dict[str, ast.Module]


@cache
def parsed() -> Parsed:
    """Returns the syntax tree of each of our modules by its dotted name."""
    paths = [path for top in ("bot", "actions") for path in sorted((ROOT / top).rglob("*.py"))]
    return {_name(path): syntax_tree(path) for path in paths}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def packages() -> set[str]:
    return {module.rpartition(".")[0] for module in parsed()}


def package_of(module: str) -> str:
    return module if module in packages() or module.endswith(".texts") else module.rpartition(".")[0]


def crossing(modules: Parsed) -> set[tuple[str, str]]:
    """Returns each (module, name) that another package imports; all names of modules that are imported whole."""
    found: set[tuple[str, str]] = set()
    for module, tree in modules.items():
        for node in statements(tree):
            if not isinstance(node, ast.ImportFrom) or node.module not in modules:
                continue
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                names = [(whole, name) for name in defined(modules[whole])] if whole in modules else []
                found |= {
                    (source, name)
                    for source, name in names or [home_of(node.module, one.name, modules)]
                    if package_of(source) != package_of(module)
                }
    return found


def home_of(module: str, name: str, modules: Parsed) -> tuple[str, str]:
    """Returns the module that defines ``name``, which ``module`` may only re-export, and the name there."""
    for node in modules[module].body:
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            for one in node.names:
                if one.asname == name == one.name:
                    return node.module, name
    return module, name


@cache
def defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Returns the definitions of a module by name."""
    made: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            made[node.name] = node
        elif isinstance(node, ast.Assign):
            made |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            made[node.target.id] = node
    return made


def annotations(node: ast.stmt, name: str, handlers: set[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yields the types in signatures and fields, each with its place."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from ((name, type_) for type_ in _signature(node))
    elif isinstance(node, ast.AnnAssign):
        yield name, node.annotation
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp):
        yield name, node.value
    elif isinstance(node, ast.ClassDef):
        for part in node.body:
            label = getattr(part, "name", getattr(getattr(part, "target", None), "id", ""))
            if _is_public(label) and label not in JSON_BORDERS | handlers:
                yield from annotations(part, f"{name}.{label}", handlers)


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in {"__init__", "__call__"}


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[ast.expr]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return [type_ for type_ in [*(one.annotation for one in every if one), node.returns] if type_]


@cache
def handlers_of(tree: ast.Module) -> set[str]:
    """Returns the methods given to a router: only FastAPI calls them and converts their result to JSON."""
    return {
        argument.attr
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_api_route"
        for argument in call.args
        if isinstance(argument, ast.Attribute)
    }


def offences() -> set[str]:
    modules = parsed()
    found: set[str] = set()
    for module, name in crossing(modules):
        node = defined(modules[module]).get(name)
        if node is None or not _is_public(name) or name in JSON_BORDERS:
            continue
        for where, type_ in annotations(node, name, handlers_of(modules[module])):
            if OF_ANYTHING.search(ast.unparse(type_)):
                found.add(f"{module}:{where}")
    return found


def test_no_untyped_dictionary_crosses_a_package() -> None:
    assert offences() == set(ALLOWED)


def test_crossing_dictionary_would_be_found() -> None:
    source = (
        "class View:\n"
        "    fields: dict[str, Any]\n"
        "    def shown(self, of: Mapping[str, Any]) -> list[dict]: ...\n"
        "    def to_data(self) -> dict[str, Any]: ...\n"
        "    def _own(self) -> dict[str, Any]: ...\n"
        "    def told(self) -> dict[str, str]: ...\n"
    )
    found = [(where, ast.unparse(type_)) for where, type_ in annotations(ast.parse(source).body[0], "View", set())]
    assert [where for where, type_ in found if OF_ANYTHING.search(type_)] == ["View.fields", "View.shown", "View.shown"]
