"""Names the home folder shared by the tests; ``python -m tests.prepare`` fills it, no running system uses it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".ventanilla" / "tests"
