"""Tests that one system at a time runs from a home folder, and starts only if nothing prevents it."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.core.errors.contents import InvalidAgency
from bot.core.errors.launcher import AlreadyRunning, PortBusy
from bot.core.settings import Settings
from bot.run.ports import free_port
from bot.run.start import _Flag, start, train_and_swap
from bot.run.system import only_one
from tests.desk_world import served
from tests.faq_files import ROOT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Restores the signal handlers that starting changes."""
    handlers = {one: signal.getsignal(one) for one in SIGNALS}
    yield
    for one, handler in handlers.items():
        signal.signal(one, handler)


def settings(home: Path, **more: Any) -> Settings:
    return Settings(VENTANILLA_HOME=home, **{"AGENCY_FILE": ROOT / "agency.yml", "PORT": free_port()} | more)


def test_home_folder_is_private_to_its_owner(tmp_path: Path) -> None:
    home = tmp_path / "a" / "home"
    with only_one(settings(home)):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_second_start_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    bad = tmp_path / "agency.yml"  # with which nothing would be started, should the first not be seen
    bad.write_text("nombre: [")
    with only_one(settings(tmp_path)), pytest.raises(AlreadyRunning):
        start(settings(tmp_path, AGENCY_FILE=bad), Console(quiet=True))
    with only_one(settings(tmp_path)):
        pass


def test_refusal_gives_the_address_of_the_running_system(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text("{}")
    with (
        only_one(settings(tmp_path)),
        pytest.raises(AlreadyRunning) as caught,
        only_one(settings(tmp_path, PORT=8123)),
    ):
        pass
    assert caught.value.facts == {"url": "http://127.0.0.1:8123", "pid": "?"}


def test_another_home_folder_is_another_system(tmp_path: Path) -> None:
    with only_one(settings(tmp_path / "a")), only_one(settings(tmp_path / "b")):
        pass


async def test_busy_port_or_bad_agency_stops_the_start_before_anything_runs(tmp_path: Path) -> None:
    bad = tmp_path / "agency.yml"
    bad.write_text("nombre: [")
    with pytest.raises(InvalidAgency):
        start(settings(tmp_path / "home", AGENCY_FILE=bad), Console(quiet=True))
    port = free_port()
    async with served(lambda *_: None, port):  # type: ignore[arg-type]
        with pytest.raises(PortBusy):
            start(settings(tmp_path / "home", PORT=port), Console(quiet=True))
    assert [one.name for one in (tmp_path / "home").iterdir()] == ["lock"]


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_interrupts_and_sets_the_flag(number: signal.Signals) -> None:
    flag = _Flag()
    assert flag() is False
    signal.signal(number, flag.raise_)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert flag() is True


def test_trained_model_is_reported_also_when_rasa_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.run.start.train_rasa", lambda *_: tmp_path / "new.tar.gz")
    facts = {"pid": os.getpid(), "RASA_URL": f"http://127.0.0.1:{free_port()}", "RASA_TOKEN": "x"}
    (tmp_path / "running.json").write_text(json.dumps(facts))
    train_and_swap(settings(tmp_path), Console(soft_wrap=True))
    assert "Modelo new.tar.gz" in (shown := capsys.readouterr().out)
    assert "Rasa no respondió" in shown and "rasa.log" in shown.replace("\n", "")
