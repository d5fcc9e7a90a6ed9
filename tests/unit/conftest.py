"""What the unit tests share: the real encoder, built once and kept in the home folder of the working copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.encoder import Encoder
from bot.faq.encoder_build import prepare_encoder
from bot.faq.vectors import KeptVectors

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """The default encoder; the first test run on a machine downloads it."""
    return prepare_encoder(ROOT / ".ventanilla")


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder)


@pytest.fixture(scope="session")
def kept_vectors(encoder: Encoder) -> KeptVectors:
    """The encoder behind the memory of the working copy, so that the demo FAQ is embedded once."""
    return KeptVectors(encoder, ROOT / ".ventanilla")
