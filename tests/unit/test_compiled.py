from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.compiled import are_compiled, compiling


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a folder with two test modules, where Python may keep what it compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "tests" / "unit" / f"test_{name}.py").write_text("def test_it():\n    assert True\n")
    return tmp_path


def test_modules_are_compiled_once_without_running_them(checkout: Path) -> None:
    assert not are_compiled(checkout)
    with compiling(checkout):
        pass
    kept = sorted(one.name.partition(".")[0] for one in checkout.glob("tests/unit/__pycache__/*-pytest-*.pyc"))
    assert (kept, are_compiled(checkout)) == (["test_one", "test_two"], True)


def test_nothing_is_started_where_nothing_may_be_kept(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with compiling(checkout):
        pass
    assert not list(checkout.glob("tests/unit/__pycache__"))
