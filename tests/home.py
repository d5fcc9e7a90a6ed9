"""Names the home folder that the tests share, which ``python -m tests.prepare`` fills and no running system uses."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".ventanilla" / "tests"
