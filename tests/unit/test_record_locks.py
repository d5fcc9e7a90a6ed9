"""Tests that every advisory lock of PostgreSQL has a name, so that no two tasks share one by mistake."""

from __future__ import annotations

from bot.record.locks import Lock
from tests.home import ROOT

NAMED_IN = {"bot/record/locks.py", "bot/record/migrations/env.py"}


def test_numbers_of_locks_are_in_one_place() -> None:
    files = [path for path in (ROOT / "bot").rglob("*.py") if "versions" not in path.parts]
    assert {str(path.relative_to(ROOT)) for path in files if "_advisory_" in path.read_text()} == NAMED_IN
    assert len({int(one) for one in Lock}) == len(Lock)
