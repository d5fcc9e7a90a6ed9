"""Tests when environments and Debian's packages are installed, with programs that replace pip and apt's."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import bootstrap, progress


@pytest.mark.parametrize(
    ("lists", "package", "calls"),
    [
        ("x_main_Packages.lz4", "promtool", ["show promtool"]),
        ("x_main_Packages", "lua-check", ["show lua-check", "update -q", "install -y -q lua-check"]),
        ("lock", "promtool", ["update -q", "install -y -q promtool"]),  # nothing is known yet
    ],
)
def test_package_that_debian_lacks_is_not_tried_each_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lists: str,
    package: str,
    calls: list[str],
) -> None:
    (tmp_path / lists).touch()
    for name in ("apt-get", "apt-cache"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ "$2" != promtool ]\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(bootstrap, "APT_LISTS", tmp_path)
    bootstrap.install_from_debian(package, "promtool")
    assert (tmp_path / "calls").read_text().splitlines() == calls
    missing = progress.TEXTS["sin_paquete"].format(paquete=package)
    assert (missing in capsys.readouterr().err) is (len(calls) == 1)


def test_unknown_word_installs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "at_once", lambda _jobs: pytest.fail("something would be installed"))
    with pytest.raises(SystemExit, match=r"bootstrap\.py run"):
        bootstrap.main("--help")


@pytest.mark.parametrize(
    ("variable", "line", "elsewhere"),
    [
        (None, "RASA_URL=http://rasa:5005", True),
        (None, "export RASA_URL = 'http://rasa:5005'", True),
        (None, "#RASA_URL=http://rasa:5005\nRASA_URL=\nRASA_TOKEN=x", False),
        (None, "RASA_URL=  # here", False),
        ("", "RASA_URL=http://rasa:5005", False),  # the environment wins, as in the settings
        ("http://rasa:5005", "", True),
    ],
)
def test_rasa_is_not_installed_where_the_settings_name_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, line: str, elsewhere: bool
) -> None:
    (tmp_path / ".env").write_text(f"PORT=8001\n{line}\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.delenv("RASA_URL", raising=False)
    if variable is not None:
        monkeypatch.setenv("RASA_URL", variable)
    assert bootstrap.rasa_is_elsewhere() is elsewhere


@pytest.mark.parametrize(
    ("said", "key", "reason"),
    [
        ("ERROR: first\nERROR: [Errno 28] No space left on device: 'x.whl'\nnotice", "disco_lleno", "x.whl"),
        ("ERROR: No matching distribution found for numpy==9", "sin_paquetes", "numpy==9"),
        ("Killed", "sin_paquetes", "Killed"),
    ],
)
def test_failed_installation_is_told_with_the_words_of_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, key: str, reason: str
) -> None:
    pip, lock = tmp_path / "python", tmp_path / "bot.txt"
    pip.write_text(f"#!/bin/sh\ncat << 'END'\n{said}\nEND\nexit 1\n")
    pip.chmod(0o755)
    lock.write_text("numpy==9\n")
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "pip.log")
    with pytest.raises(bootstrap.Failed) as failed:
        bootstrap.install(pip, ["-r", str(lock)], lock)
    told = progress.TEXTS[failed.value.key].format(**failed.value.values)
    assert (failed.value.key, reason in told, str(tmp_path / "pip.log") in told) == (key, True, True)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes an environment that is up to date, and replaces pip by a list of what it was asked for."""
    folder = tmp_path / "a checkout" / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "bin" / "ventanilla").write_text(f'#!/bin/sh\n\'\'\'exec\' "{folder}/bin/python" "$0" "$@"\n')
    lock = bootstrap.ROOT / "requirements" / "bot.txt"
    version = bootstrap.version_of(sys.executable)
    (folder / "stamp-bot").write_text(bootstrap.fingerprint(lock, version, editable=True))
    monkeypatch.setattr(bootstrap, "NEEDED_GB", 0)
    return folder


def asked_of_pip(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(bootstrap, "install", lambda _python, arguments, _lock: asked.append(arguments[-1]))
    bootstrap.build(folder, sys.executable, bootstrap.ROOT / "requirements" / "bot.txt", editable=True)
    return asked


def test_environment_that_is_up_to_date_is_left_alone(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(environment)
    assert asked_of_pip(environment, monkeypatch) == asked_of_pip(tmp_path / "link", monkeypatch) == []


@pytest.mark.parametrize("way", [shutil.copytree, os.rename])
def test_program_is_installed_again_where_the_checkout_was_copied_or_moved(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Callable[..., object]
) -> None:
    new = tmp_path / "new" / ".venv"
    new.parent.mkdir()
    way(environment, new, **({"symlinks": True} if way is shutil.copytree else {}))
    assert asked_of_pip(new, monkeypatch)[-1] == str(bootstrap.ROOT)
