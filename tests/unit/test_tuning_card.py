"""Tests that an adapter's card records its origin, so that it can be reproduced."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.tuning.card import TOOLS, Origin, write_card
from bot.tuning.material import Material
from bot.tuning.sampling import TrainingTopic

MATERIAL = Material(
    (TrainingTopic("bache", ("uno", "dos")),), tuple(TrainingTopic(f"m{number}", ("x",)) for number in range(3))
)


@dataclass(frozen=True)
class Plan:
    """Mirrors the Plan of bot/tuning/training.py, which needs torch."""

    steps: int = 320
    matters_a_step: int = 48
    rate: float = 1e-3
    seed: int = 20261124


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creates the metadata of the tools of .venv-tune, which this environment may lack."""
    for name in TOOLS:
        folder = tmp_path / "tools" / f"{name}-9.8.7.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.8.7\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "tools"), *sys.path])


def card(folder: Path, *, plan: Plan, begun: str = "", loss: float = 0.12345) -> str:
    adapter = folder / "muni.v2.npz"
    adapter.write_bytes(b"weights")
    path = write_card(adapter, Origin(MATERIAL, plan, 0.85, begun, loss))  # type: ignore[arg-type]
    assert path == folder / "muni.v2.md"
    return path.read_text(encoding="utf-8")


def test_card_names_the_file_by_hash_and_the_tools_by_version(tmp_path: Path) -> None:
    text = card(tmp_path, plan=Plan())
    assert hashlib.sha256(b"weights").hexdigest() in text
    assert all(f"{name} 9.8.7" in text for name in TOOLS)


def test_card_contains_the_plan_and_the_amount_of_data(tmp_path: Path) -> None:
    text = card(tmp_path, plan=Plan(steps=7, seed=42, rate=0.002, matters_a_step=3))
    for row in ("| 7, 3 |", "| 0.002, 42 |", "| 1, 3, 0 |", "| 5 (every", "| 0.85 |", "| 0.123 |"):
        assert row in text, row


def test_batch_holds_no_more_topics_than_exist(tmp_path: Path) -> None:
    assert "| 320, 4 |" in card(tmp_path, plan=Plan())


@pytest.mark.parametrize(("begun", "expected"), [("", "the original encoder"), ("before.npz", "before.npz")])
def test_card_names_the_adapter_it_started_from(tmp_path: Path, begun: str, expected: str) -> None:
    assert f"| begun from | {expected} |" in card(tmp_path, plan=Plan(), begun=begun)
