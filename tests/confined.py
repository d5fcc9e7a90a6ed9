"""Runs child processes that confine themselves, and returns which of their attempts were refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.rasa.confinement import version

TRY_ALL = """
refused = []
for name, attempt in attempts():
    try:
        attempt()
    except PermissionError:
        refused.append(name)
print(json.dumps(refused))
"""
landlock = pytest.mark.skipif(version() < 6, reason="this kernel has no Landlock of version 6")


def refused_in(
    child: str, asked: Mapping[str, Any], variables: Mapping[str, str], folder: Path | None = None
) -> list[str]:
    """Runs the program ``child``, which confines itself and then makes attempts; returns the refused attempts' names.

    ``asked`` is its argument, as JSON. ``child`` defines ``attempts()``, which yields (name, function) pairs.
    """
    command = [sys.executable, "-c", child + TRY_ALL, json.dumps(asked)]
    told = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=folder, env={**os.environ, **variables}
    )
    names: list[str] = json.loads(told.stdout)
    return names
