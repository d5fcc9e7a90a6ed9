"""Tests that the FAQ is prepared in a separate process, which reports its progress and its errors."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors.base import VentanillaError
from bot.core.errors.encoder import EncoderMissing
from bot.core.errors.launcher import PreparationKilled
from bot.core.errors.messages import SendLater
from bot.core.settings import Settings
from bot.run.preparation import Report, preparing_apart
from tests.encoder.tuning_world import small_world


def settings(tmp_path: Path, **more: Any) -> Settings:
    """Returns the settings of a small project, whose home lacks the vectors of its texts."""
    return small_world(tmp_path).model_copy(update=more)


def prepare_apart(made: Settings, report: Report) -> None:
    with preparing_apart(made) as follow:
        follow(report)


def test_progress_arrives_and_finished_work_is_not_repeated(tmp_path: Path) -> None:
    made, shares = settings(tmp_path), list[float]()
    prepare_apart(made, lambda share, step: shares.append(share))
    assert shares
    again: list[float] = []
    prepare_apart(made, lambda share, step: again.append(share))
    assert again == []


def test_error_of_the_preparing_process_is_raised_in_the_caller(tmp_path: Path) -> None:
    with pytest.raises(VentanillaError) as caught:
        prepare_apart(settings(tmp_path, faq_encoder=str(tmp_path / "none")), lambda share, step: None)
    assert caught.value.facts


def test_killed_preparation_is_an_error_and_not_the_end_of_the_launcher(tmp_path: Path) -> None:

    def kill(_share: float, _step: str) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    with pytest.raises(PreparationKilled):
        prepare_apart(settings(tmp_path), kill)


def test_preparation_that_nobody_waits_for_ends_with_its_block(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), preparing_apart(settings(tmp_path)):
        assert multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("error", [SendLater("busy", retry_after_s=2.0, chat=1), EncoderMissing(encoder="x")])
def test_error_keeps_its_facts_in_another_process(error: VentanillaError) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(copy), copy.facts, str(copy)) == (type(error), error.facts, str(error))
