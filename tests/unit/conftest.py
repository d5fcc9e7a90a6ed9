"""Confines every unit test: no network, no server, no encoder, no file outside the test's folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hermetic import hermetic


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that reaches outside; its child processes get a temporary home folder and download nothing."""
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with hermetic() as broken:
        yield
    assert broken == []
