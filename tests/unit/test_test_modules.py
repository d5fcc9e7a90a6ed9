"""Tests rules of the tests: no test module imports another, and none polls by itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.home import ROOT
from tests.source import syntax_tree

SLEEP = re.compile(r"(await )?(asyncio|time)\.sleep\(.*\)")
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imported(path: Path) -> set[str]:
    tree = syntax_tree(path)
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_no_test_module_is_imported() -> None:
    found = {(path.name, module) for path in TESTS for module in imported(path)}
    assert {pair for pair in found if re.search(r"(^|\.)test_\w+$", pair[1])} == set()


def sleeps_alone(node: ast.AST) -> bool:
    """Returns whether the node is a loop that only sleeps."""
    return isinstance(node, ast.While) and all(SLEEP.fullmatch(ast.unparse(one)) for one in node.body)


def test_only_eventually_polls() -> None:
    others = [path for path in TESTS if path.name != "eventually.py"]
    loops = [(path.name, node.lineno) for path in others for node in ast.walk(syntax_tree(path)) if sleeps_alone(node)]
    assert loops == []
