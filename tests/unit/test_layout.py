"""Tests the code's shape as CONTRIBUTING.md describes it; the import contracts are in .importlinter."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

from tests.rows import each_row
from tests.source import statements, syntax_tree

ROOT = Path(__file__).resolve().parents[2]
# Not a package: alembic loads its files by path, and they are never edited once released.
VERSIONS = ROOT / "bot" / "record" / "migrations" / "versions"
MODULES = sorted(path for top in ("bot", "actions") for path in (ROOT / top).rglob("*.py") if path.parent != VERSIONS)
PACKAGES = sorted({path.parent for path in MODULES})
MAX_MODULES, MAX_LINES, MAX_LINES_OF_A_FUNCTION = 18, 300, 40
# Each with its reason; a file that became short must leave the list.
LONG_FILES = {"bot/desk/shapes.py": "nothing but the shapes of the desk's JSON, from which one file of types is made"}
MAP = (ROOT / "docs" / "where-to-look.md").read_text(encoding="utf-8")
ROOM = 10  # lines that a change may add to a file that the map names
# To be split; a file that has room again must leave the list.
CROWDED = {
    "bot/faq/answering/answerer.py",
    "bot/run/system.py",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@each_row("package", PACKAGES)
def test_package_has_a_docstring_and_stays_small(package: Path) -> None:
    modules = [path for path in package.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MAX_MODULES
    assert ast.get_docstring(syntax_tree(package / "__init__.py"))


def test_files_stay_short() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name for name, count in lines.items() if count > MAX_LINES} == set(LONG_FILES)


def named_in_the_map() -> set[Path]:
    """Returns the modules and packages that the map names.

    A name without a folder is of the folder named before it in its row, else of the only module of this name.
    """
    found: set[Path] = set()
    for row in re.findall(r"^\|.+$", MAP, re.MULTILINE):
        folder = ROOT
        for name in re.findall(r"`([\w./]+(?:\.py|/))`", row):
            here = ROOT / name if "/" in name else folder / name
            alike = [here] if here.exists() else [path for path in MODULES if path.name == name]
            found |= set(alike) if len(alike) == 1 else set()
            folder = here if name.endswith("/") else here.parent
    return found


def test_files_that_the_map_names_have_room_for_a_change() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in named_in_the_map() & {*MODULES}}
    assert len(lines) > 100
    assert {name for name, count in lines.items() if count > MAX_LINES - ROOM} == CROWDED | set(LONG_FILES)


def test_packages_that_the_map_names_have_room_for_a_module() -> None:
    named = sorted(named_in_the_map() & {*PACKAGES})
    assert len(named) > 10
    assert [name_of(one) for one in named if len(list(one.glob("*.py"))) - 1 >= MAX_MODULES] == []


def test_functions_stay_short() -> None:
    found = [(path, node) for path in MODULES for node in statements(syntax_tree(path))]
    functions = [(path, node) for path, node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = {f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1 for path, node in functions}
    assert {name for name, count in lines.items() if count > MAX_LINES_OF_A_FUNCTION} == set()


def test_contributing_lists_the_layers_that_are_checked() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    checked = contracts["importlinter:contract:layers"]["layers"].split("\n")
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("|---|\n")[2].partition("\n\n")[0]
    told = [set(re.findall(r"`([\w.]+)`", row)) for row in table.splitlines()]
    assert told == [{name.strip() for name in layer.split("|")} for layer in checked if layer]


def test_no_other_module_imports_a_channel_by_its_name() -> None:
    # The web is an exception: the desk uses its palette and pages.
    folders = [path.parent for path in (ROOT / "bot" / "channels").glob("*/channel.yml") if path.parent.name != "web"]
    named = {
        f"{name_of(path)}: {folder.name}"
        for folder in folders
        for path in MODULES
        if folder not in path.parents and f"bot.channels.{folder.name}" in path.read_text(encoding="utf-8")
    }
    assert len(folders) > 1
    assert named == set()
