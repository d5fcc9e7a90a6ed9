"""Parses source files for the tests that read code."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


@cache
def syntax_tree(path: Path) -> ast.Module:
    """Returns the syntax tree of a Python file, parsed once per process, and spares it garbage collection.

    Those of all modules are a million objects, which a whole collection would take a second to look at.
    """
    with no_collection():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        gc.freeze()
    return tree


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yields the statements of a module at any depth, without their expressions, which ``ast.walk`` yields too."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in BLOCKS:
            found = getattr(node, block, None)
            waiting += found if isinstance(found, list) else []


@contextmanager
def no_collection() -> Iterator[None]:
    """Disables garbage collection, which takes longer than parsing; syntax trees have no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
