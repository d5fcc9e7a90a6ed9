"""Provides the real encoder, kept in the home folder of the tests, and FAQs published with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

from bot.encoder_build.prepare import prepare_encoder
from bot.faq.answering.answerer import Answerer
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.vectors import VectorCache
from bot.faq.encoder.verifier import Verifier, load_verifier
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.background import Background, load_background
from bot.faq.ranking.sentences import Lessons
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import load_lexicon
from tests.faq_files import ROOT, agency, write_folder
from tests.home import ANSWERS

TODAY = date(2026, 11, 24)
SOME = 20  # step of the sentences that count where all would take long
threadpool_limits(
    limits=1, user_api="blas"
)  # as bot/faq/publishing/load.py does; a fixture could come after the first use


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """Returns the folder of the default encoder, which ``python -m tests.prepare`` has built."""
    return prepare_encoder(ANSWERS)


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder)


@pytest.fixture(scope="session")
def vector_cache(encoder: Encoder) -> VectorCache:
    """Returns the encoder with its cache, so that the demo FAQ is embedded once."""
    return VectorCache(encoder, ANSWERS)


@pytest.fixture(scope="session")
def verifier(encoder: Encoder, encoder_folder: Path) -> Verifier:
    found = load_verifier(encoder, encoder_folder)
    assert found
    return found


@pytest.fixture(scope="session")
def space(vector_cache: VectorCache, verifier: Verifier) -> Vectorizer:
    """Returns the vectorizer with the project's background, and with the verifier."""
    background, lexicon = load_background(ROOT / "data"), load_lexicon(ROOT / "data")
    return Vectorizer(vector_cache, vector_cache, background, lexicon, home=ANSWERS, verifier=verifier)


@pytest.fixture(scope="session")
def without_background(vector_cache: VectorCache) -> Vectorizer:
    """Returns a vectorizer with some of the project's sentences and no background, as of an agency without its files.

    All sentences would take ten seconds, since their features depend on the background.
    """
    known = Lessons.from_folder()
    some = Lessons(known.dangers[::SOME], known.commands[::SOME], known.requests[::SOME])
    return Vectorizer(vector_cache, vector_cache, Background((), ()), lessons=some)


@pytest.fixture(scope="session")
def bare(vector_cache: VectorCache) -> Vectorizer:
    """Returns a vectorizer without a background and without sentences, which only a background could contrast with."""
    return Vectorizer(vector_cache, vector_cache, Background((), ()), lessons=Lessons((), ()))


@pytest.fixture(scope="session")
def demo_entries() -> tuple[Entry, ...]:
    return load_folder(ROOT / "data" / "faq", agency().teams, today=TODAY).entries


@pytest.fixture(scope="session")
def demo(demo_entries: tuple[Entry, ...], space: Vectorizer) -> Answerer:
    """Publishes the demo FAQ."""
    return Answerer(demo_entries, space, agency())


@pytest.fixture
def few(tmp_path: Path) -> tuple[Entry, ...]:
    """Returns four entries with two variants each."""
    return load_folder(write_folder(tmp_path / "faq"), agency().teams, today=TODAY).entries
