"""Tests how the tests' packages are installed from Debian, with programs that replace apt's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts import bootstrap


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
    missing = bootstrap.TEXTS["sin_paquete"].format(paquete=package)
    assert (missing in capsys.readouterr().err) is (len(calls) == 1)
