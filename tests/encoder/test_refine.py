"""Tests that an agency's adapter becomes active only when it answers better, and leaves no trace otherwise."""

from __future__ import annotations

import fcntl
import re
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.cli.main import app
from bot.core.errors.encoder import EncoderFixed, TuningMissing, TuningRuns, TuningTooEarly
from bot.core.settings import Settings
from bot.faq.encoder.folder import ADAPTER, BUILD, OWN_ADAPTER, adapter_file, encoder_folder, is_encoder
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import load_vectorizer
from bot.run.refine import LOCK, Refinement, adopt_if_better
from bot.tuning.comparison import Trial, trial
from tests.encoder.tuning_world import changed_adapter, small_world
from tests.faq_files import ROOT, agency


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_world(tmp_path)


def tried_with(settings: Settings, *, noise: float) -> Settings:
    tried = settings.model_copy(update={"home": settings.home / ".refining-test"})
    tried.answers_home.mkdir(parents=True)
    changed_adapter(0.9, noise=noise).save(tried.answers_home / OWN_ADAPTER)
    return tried


def test_worse_adapter_is_refused(settings: Settings) -> None:
    said = StringIO()
    tried = tried_with(settings, noise=0.3)
    assert adopt_if_better(settings, agency(), tried, Console(file=said, width=300)) is False
    assert adapter_file(settings.answers_home) == ADAPTER
    assert [folder.name for folder in (settings.answers_home / "encoder").glob(f"{BUILD}-*")] == [
        encoder_folder(settings.answers_home).name
    ]
    assert "se mantiene" in said.getvalue()


def test_better_adapter_becomes_active_with_everything_it_needs(settings: Settings) -> None:
    (settings.faq_dir / "mascotas").mkdir()
    for path in (ROOT / "data" / "faq" / "mascotas").glob("*.md"):  # enough utterances to tell
        shutil.copy(path, settings.faq_dir / "mascotas")
    changed_adapter(1.0, noise=0.3).save(settings.answers_home / OWN_ADAPTER)  # the one in force is bad
    tried = tried_with(settings, noise=0.0)
    entries, said = load_folder(settings.faq_dir, agency().teams).entries, StringIO()
    assert adopt_if_better(settings, agency(), tried, Console(file=said, width=300)) is True
    good, bad = map(float, re.findall(r"\d\.\d{4}", said.getvalue()))
    assert is_encoder(encoder_folder(settings.answers_home))
    assert len(list((settings.answers_home / "encoder").glob(f"{BUILD}-*"))) == 1
    asked: list[float] = []
    assert trial(entries, load_vectorizer(settings, asked.append), agency()).risk == pytest.approx(good, abs=1e-4)
    assert good < bad
    assert asked == []  # every vector was there already


def test_without_entries_nothing_is_better_and_the_risk_is_one(settings: Settings) -> None:
    nothing = trial((), load_vectorizer(settings), agency())
    assert (nothing.risk, nothing.better_than(nothing)) == (1.0, 0.0)


def test_difference_of_one_message_is_not_significant() -> None:
    chances = np.linspace(0.99, 0.2, 200)
    right = np.arange(200) % 4 != 3
    one_more = right.copy()
    one_more[103] = True
    many_more = right | (np.arange(200) % 8 == 3)
    assert Trial(chances, many_more).better_than(Trial(chances, right)) > 0.99
    assert 0.5 < Trial(chances, one_more).better_than(Trial(chances, right)) < 0.9


def test_agency_whose_entries_have_few_utterances_keeps_the_verifier(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(TuningTooEarly) as refused:
        Refinement(settings, tmp_path / "python").run(Console(file=StringIO()))
    assert refused.value.facts["few"] == refused.value.facts["all"] > 0


def test_one_refinement_at_a_time(settings: Settings, tmp_path: Path) -> None:
    with (settings.home / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TuningRuns):
            Refinement(settings, tmp_path / "python").run(Console(file=StringIO()))


def test_remains_of_a_killed_refinement_are_removed(settings: Settings, tmp_path: Path) -> None:
    (settings.home / ".refining-old" / "encoder").mkdir(parents=True)
    changed_adapter(0.9).save(settings.answers_home / OWN_ADAPTER)  # with it there is no verifier to lose
    with pytest.raises(OSError):
        Refinement(settings, tmp_path / "no-python").run(Console(file=StringIO()))
    assert list(settings.home.glob(".refining-*")) == []


def test_missing_tuning_requirement_is_reported(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TuningMissing):
        Refinement.of(settings)
    with pytest.raises(EncoderFixed):
        Refinement.of(settings.model_copy(update={"faq_encoder": "somewhere"}))
    monkeypatch.setenv("VENTANILLA_ROOT", str(settings.project_root))
    monkeypatch.setenv("VENTANILLA_HOME", str(settings.home))
    done = CliRunner().invoke(app, ["train", "--refine"])
    assert done.exit_code == 1
    assert "make tune-env" in done.output
