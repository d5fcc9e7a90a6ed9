"""Provides the folder of answers, and the setting of a second person, of the editors' desk."""

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
