"""Tests the vectors that the project ships: exact enough, used only for their encoder, and nearly complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.encoder.encoder import Encoder, Vectors
from bot.faq.encoder.shipped_vectors import ShippedVectors, shipped_file, write_shipped
from bot.faq.entries.entry import Entry
from bot.faq.publishing.load import embed_entries
from bot.faq.ranking.background import Background, load_background
from bot.faq.ranking.sentences import Lessons
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import load_lexicon
from tests.faq_files import ROOT
from tests.home import ANSWERS

ENOUGH = 0.95  # share of the demo's texts whose vectors must be shipped; edits since the last writing may be missing
EXACT = 0.9998  # smallest cosine between a vector and itself as shipped
SAME = 0.995  # smallest cosine between a shipped vector and the encoder's own: processors add in another order


class Counting:
    """Records the texts to embed, and lets ``encoder`` embed them; without it, their vectors are random."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self.fingerprint, self._encoder = "counting", encoder
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._encoder.embed(texts) if self._encoder else np.array([_unit(len(text)) for text in texts])


def _unit(seed: int) -> Vectors:
    vector = np.random.default_rng(seed).normal(size=384).astype(np.float32)
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


@given(st.dictionaries(st.text(max_size=20), st.integers(0, 2**32), min_size=1, max_size=20))
def test_vectors_are_read_as_written_and_others_are_encoded(
    tmp_path_factory: pytest.TempPathFactory, seeds: dict[str, int]
) -> None:
    file = tmp_path_factory.mktemp("shipped") / "vectors.npy"
    write_shipped({text: _unit(seed) for text, seed in seeds.items()}, file)
    encoder = Counting()
    found = ShippedVectors(encoder, file).embed([*seeds, "un texto que no está en el archivo"])
    assert encoder.asked == ["un texto que no está en el archivo"]
    for text, vector in zip(seeds, found, strict=False):
        assert float(vector @ _unit(seeds[text])) > EXACT
    assert np.array_equal(found[-1], _unit(len(encoder.asked[0])))


def test_without_file_every_text_is_encoded(tmp_path: Path) -> None:
    encoder = Counting()
    ShippedVectors(encoder, shipped_file(tmp_path / "other-encoder")).embed(["uno", "dos"])
    assert encoder.asked == ["uno", "dos"]
    assert ShippedVectors(encoder, tmp_path / "none.npy").embed([]).shape[0] == 0


def test_with_a_file_without_vectors_every_text_is_encoded(tmp_path: Path) -> None:
    write_shipped({}, tmp_path / "empty.npy")
    encoder = Counting()
    ShippedVectors(encoder, tmp_path / "empty.npy").embed(["uno", "dos"])
    assert encoder.asked == ["uno", "dos"]


def test_the_project_ships_nearly_all_vectors_of_the_demo(
    encoder: Encoder, encoder_folder: Path, demo_entries: tuple[Entry, ...]
) -> None:
    """After an edit of many sentences, run ``python -m scripts.ship_vectors`` if this test fails."""
    counting, wanted = Counting(encoder), Counting(encoder)
    shipped = ShippedVectors(counting, shipped_file(encoder_folder))
    recorder = _Recorder(shipped)
    background, lexicon = load_background(ROOT / "data"), load_lexicon(ROOT / "data")
    embed_entries(Vectorizer(recorder, wanted, background, lexicon, home=ANSWERS), demo_entries)
    assert len(recorder.seen) > 10_000
    assert len(counting.asked) <= (1 - ENOUGH) * len(recorder.seen)
    for text in sorted(recorder.seen)[::250]:
        assert float(recorder.seen[text] @ encoder.embed([text])[0]) > SAME


def test_counterexamples_are_embedded_ahead_too(demo_entries: tuple[Entry, ...]) -> None:
    cached = Counting()
    vectorizer = Vectorizer(cached, Counting(), Background((), ()), lessons=Lessons((), ()))
    cached.asked.clear()
    embed_entries(vectorizer, [replace(demo_entries[0], counterexamples=("ya pagué y me cobraron de nuevo",))])
    assert any("me cobraron de nuevo" in text for text in cached.asked)


class _Recorder:
    """Wraps an embedder and records all vectors that ``inner`` returned."""

    def __init__(self, inner: ShippedVectors) -> None:
        self._inner, self.fingerprint = inner, inner.fingerprint
        self.seen: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        found = self._inner.embed(texts)
        self.seen |= dict(zip(texts, found, strict=True))
        return found
