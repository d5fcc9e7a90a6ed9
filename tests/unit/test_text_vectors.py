"""Tests that similarities computed with integers equal the similarities of the vectors."""

from __future__ import annotations

import tracemalloc
from unittest.mock import Mock

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import EPFail

from bot.faq.encoder.encoder import Vectors
from bot.faq.scoring.integer_model import LEFT, integer_products
from bot.faq.scoring.text_vectors import AT_ONCE, FEW_TEXTS, TextVectors
from tests.rows import each_row

WIDTH = 384
MANY = FEW_TEXTS + 5
CLOSE = 5e-5


def unit(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@each_row("texts", [0, 3, FEW_TEXTS, MANY])
@each_row("messages", [0, 1, 3, AT_ONCE + 1])
def test_products_are_those_of_the_vectors(texts: int, messages: int) -> None:
    some, others = unit(messages, 1), unit(texts, 2)
    found = TextVectors(others).products(some)
    assert found.shape == (messages, texts) and found.dtype == np.float32
    assert np.allclose(found, some @ others.T, atol=CLOSE)


def test_products_of_a_message_do_not_depend_on_the_others() -> None:
    texts, messages = TextVectors(unit(MANY, 2)), unit(AT_ONCE + 9, 1)
    together = texts.products(messages)
    assert all(np.array_equal(row, texts.products(one[None])[0]) for row, one in zip(together, messages, strict=True))


def test_extreme_vectors_are_compared_like_any() -> None:
    others = unit(MANY, 2)
    others[0], others[1], others[2] = np.eye(1, WIDTH), -np.eye(1, WIDTH), 0
    others[3], others[4] = WIDTH**-0.5, -(WIDTH**-0.5)
    found = TextVectors(others).products(others[:5])
    assert np.allclose(found, others[:5] @ others.T, atol=CLOSE)


@pytest.mark.parametrize("columns", [1, 127, 128, 20_000])
def test_integers_are_multiplied_exactly_at_their_extremes(columns: int) -> None:
    left = np.array([[255] * WIDTH, [0] * WIDTH, [255, 0] * (WIDTH // 2)], np.uint8)
    right = np.where(np.arange(columns) % 2, 63, -64).astype(np.int8)[None].repeat(WIDTH, axis=0)
    (found,) = integer_products(right).run(None, {LEFT: left})
    assert np.array_equal(found, left.astype(np.int64) @ right.astype(np.int64))


def test_the_library_keeps_no_second_copy_of_the_vectors() -> None:
    right = np.ones((WIDTH, 5000), np.int8)
    integer_products(right[:, :1])  # imports the library
    tracemalloc.start()
    try:
        session = integer_products(right)
        kept, _ = tracemalloc.get_traced_memory()  # counts Python's objects, not the library's repacked copy
    finally:
        tracemalloc.stop()
    assert kept < right.nbytes / 2
    assert session.run(None, {LEFT: np.ones((1, WIDTH), np.uint8)})[0].max() == WIDTH


def test_failure_of_the_library_is_raised_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    session = integer_products(np.ones((WIDTH, 3), np.int8))
    monkeypatch.setattr(session, "_sess", Mock(wraps=session._sess, run=Mock(side_effect=EPFail)))
    # By default the library would then load the model, which is gone.
    with pytest.raises(EPFail):
        session.run(["product"], {LEFT: np.ones((1, WIDTH), np.uint8)})
