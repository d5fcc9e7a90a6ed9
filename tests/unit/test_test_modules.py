"""Tests rules of the tests: no test module imports another, and none polls by itself."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.home import ROOT
from tests.source import statements, syntax_tree

SLEEP = re.compile(r"(await )?(asyncio|time)\.sleep\(.*\)")


@cache
def modules() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def having(pattern: str) -> list[Path]:
    """Returns the test files whose text matches ``pattern``, without parsing them all, which takes seconds."""
    return [path for path in modules() if re.search(pattern, path.read_text(encoding="utf-8"))]


def imported(path: Path) -> set[str]:
    nodes = list(statements(syntax_tree(path)))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_no_test_module_is_imported() -> None:
    found = {(path.name, module) for path in having(r"(from|import)\s.*test_\w+") for module in imported(path)}
    assert {pair for pair in found if re.search(r"(^|\.)test_\w+$", pair[1])} == set()


def sleeps_alone(loop: ast.While) -> bool:
    """Returns whether the loop only sleeps."""
    return all(SLEEP.fullmatch(ast.unparse(one)) for one in loop.body)


def test_only_eventually_polls() -> None:
    others = [path for path in having(r"(?ms)^\s*while\b.*\.sleep\(") if path.name != "eventually.py"]
    nodes = [(path.name, node) for path in others for node in statements(syntax_tree(path))]
    loops = [(name, node.lineno) for name, node in nodes if isinstance(node, ast.While) and sleeps_alone(node)]
    assert loops == []
