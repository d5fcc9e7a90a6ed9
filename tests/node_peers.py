"""Finds test peers from npm: tests/peers/package.json, which ``make test`` installs where node and npm exist."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

MODULES = Path(__file__).parent / "peers" / "node_modules"
PRISM = MODULES / ".bin" / "prism"


def needs_peer(package: str) -> pytest.MarkDecorator:
    """Skips the test with a reason if the package is not installed."""
    missing = "node is not installed" if not shutil.which("node") else f"npm's {package} is not installed (make test)"
    present = shutil.which("node") is not None and (MODULES / package).is_dir()
    return pytest.mark.skipif(not present, reason=missing)
