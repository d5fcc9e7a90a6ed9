"""Parses source files for the tests that read code."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path


@cache
def syntax_tree(path: Path) -> ast.Module:
    """Returns the syntax tree of a Python file, parsed once a process.

    The garbage collector waits: a tree has no cycles, and looking for them takes longer than parsing.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    finally:
        if collecting:
            gc.enable()
