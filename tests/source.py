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
    """Returns the syntax tree of a Python file, parsed once a process."""
    with no_collection():
        return ast.parse(path.read_text(encoding="utf-8"))


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Returns the statements of a module at any depth; ``ast.walk`` also returns their expressions, which are many."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for block in BLOCKS:
            found = getattr(node, block, None)
            waiting += found if isinstance(found, list) else []


@contextmanager
def no_collection() -> Iterator[None]:
    """Stops the garbage collector: a tree has no cycles, and looking for them takes longer than parsing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
