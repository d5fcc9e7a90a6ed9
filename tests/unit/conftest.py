"""Holds every unit test to needing nothing: no network, no server, no encoder, no file outside its own folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hermetic import hermetic


@pytest.fixture(autouse=True)
def nothing_outside(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails the test that reaches out; processes that it starts have a home folder of their own and fetch nothing."""
    monkeypatch.setenv("VENTANILLA_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with hermetic() as broken:
        yield
    assert broken == []
