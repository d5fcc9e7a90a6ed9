"""Tests rules of the tests: no test module imports another, and none polls by itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.home import ROOT

TESTS = sorted((ROOT / "tests").rglob("*.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_no_test_module_is_imported() -> None:
    found = {(path.name, module) for path in TESTS for module in imported(path)}
    assert {pair for pair in found if re.search(r"(^|\.)test_\w+$", pair[1])} == set()


def sleeps_alone(node: ast.AST) -> bool:
    """Returns whether the node is a loop that only sleeps."""
    sleep = re.compile(r"(await )?(asyncio|time)\.sleep\(.*\)")
    return isinstance(node, ast.While) and all(sleep.fullmatch(ast.unparse(one)) for one in node.body)


def test_only_eventually_polls() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in TESTS if path.name != "eventually.py"}
    loops = [
        f"{path.name}:{node.lineno}" for path, tree in trees.items() for node in ast.walk(tree) if sleeps_alone(node)
    ]
    assert loops == []
