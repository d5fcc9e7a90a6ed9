"""Tests a tuning run of two steps on a small FAQ, in the environment of `make tune-env`."""

from __future__ import annotations

import os
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.core.settings import Settings
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.prepare import default_weights
from bot.faq.encoder.folder import ADAPTER
from bot.run.refine import Refinement
from tests.encoder.tuning_world import small_world
from tests.faq_files import ROOT

PYTHON = ROOT / ".venv-tune" / "bin" / "python"
TIMEOUT_S = 1800
MIN_COSINE = 0.9999

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="torch is not installed here: make tune-env")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_world(tmp_path)


def ran(settings: Settings, *arguments: str) -> str:
    """Returns the output of a command of the tuning environment."""
    positions = {
        "VENTANILLA_HOME": settings.home,
        "VENTANILLA_ROOT": settings.project_root,
        "FAQ_DIR": settings.faq_dir,
    }
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | {name: str(place) for name, place in positions.items()}
    command = [str(PYTHON), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_numpy_merges_an_adapter_as_torch_applies_it(settings: Settings) -> None:
    cosine, same = ran(
        settings, str(Path(__file__).with_name("tuning_merge.py")), str(settings.answers_home), str(ADAPTER)
    ).split()
    assert float(cosine) >= MIN_COSINE
    assert same == "True"


def test_same_seed_makes_the_same_adapter_and_card(settings: Settings, tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "adapter.safetensors", tmp_path / "two" / "adapter.safetensors"
    for out in (first, second):
        assert "Paso 2 de 2" in ran(settings, "-m", "bot.tuning", "--steps", "2", "--seed", "7", "--out", str(out))
    assert first.read_bytes() == second.read_bytes()
    adapter = Adapter.load(first)
    assert any(up.any() for _, up in adapter.parts.values())
    adapter.merged_into(default_weights(settings.answers_home))
    assert "| 4, 20, 292 |" in first.with_suffix(".md").read_text(encoding="utf-8")


def test_refinement_starts_from_the_active_adapter_and_decides(settings: Settings) -> None:
    said = StringIO()
    adopted = Refinement(settings, PYTHON, steps=1).run(Console(file=said, width=300))
    assert ("nuevo responde mejor (" in said.getvalue()) is adopted
    assert (settings.answers_home / "adapter.safetensors").exists() is adopted
    assert list(settings.home.glob(".refining-*")) == []
