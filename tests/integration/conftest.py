"""Provides the folder of entries and the setting ``four_eyes`` for tests of the editors' pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faq_files import write_folder


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest.fixture(params=[False])
def four_eyes(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)
