"""Tests the similarities of messages to entries without the mean of the entries' vectors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.faq.scoring.mean_removed import ABSENT, MeanRemoved

CLASSES = np.array([0, 0, 1, 1, 2, 3, 4])


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def texts_of_one_trade() -> NDArray[np.float32]:
    """Returns unit vectors with a common direction, like the texts of one agency."""
    random = np.random.default_rng(4)
    own = random.normal(size=(5, 8))[CLASSES] + random.normal(scale=0.3, size=(7, 8))
    return unit(own + 6 * np.eye(8)[0])


DENSE = texts_of_one_trade()
MEAN = DENSE.mean(axis=0)
COMPARED = MeanRemoved(DENSE, CLASSES)


def test_nearest_text_and_centroid_are_those_of_the_vectors_without_their_mean() -> None:
    messages = unit(DENSE[:3] + np.float32(0.05))
    moved, texts = unit(messages - MEAN), unit(DENSE - MEAN)
    cosines = moved @ texts.T
    nearest = np.stack([cosines[:, CLASSES == one].max(axis=1) for one in range(5)], axis=1)
    assert COMPARED.nearest(messages, messages @ DENSE.T) == pytest.approx(nearest, abs=1e-4)
    centroids = unit(np.stack([texts[CLASSES == one].sum(axis=0) for one in range(5)]))
    assert COMPARED.centroid(messages) == pytest.approx(moved @ centroids.T, abs=1e-4)


def test_entries_differ_more_than_with_the_mean() -> None:
    with_mean = DENSE @ DENSE.T
    without = COMPARED.nearest(DENSE, with_mean)
    lead = without[0, 0] - without[0, 1:].max()
    assert lead > 3 * (with_mean[0, :2].max() - with_mean[0, 2:].max())


def test_entries_with_equal_texts_differ_by_no_more_than_similarities_can() -> None:
    equal = np.repeat(unit(DENSE[:1] + np.float32(0.1)), 5, axis=0)
    compared, messages = MeanRemoved(equal, np.arange(5)), np.vstack([equal, DENSE])
    found = compared.nearest(messages, messages @ equal.T)
    assert np.abs(found).max() <= 1


def test_text_that_is_absent_does_not_count() -> None:
    meaning = DENSE @ DENSE.T
    np.fill_diagonal(meaning, ABSENT)
    found = COMPARED.nearest(DENSE, meaning)
    assert found[0, 0] == pytest.approx(float(unit(DENSE - MEAN)[0] @ unit(DENSE - MEAN)[1]), abs=1e-4)
    assert found[4, 2] == ABSENT  # the only text of its entry


def test_centroid_without_a_text_is_that_of_the_other_texts() -> None:
    texts = unit(DENSE - MEAN)
    chosen = np.array([0, 4, 9])  # the last is no text of an entry
    found = COMPARED.centroid_without_each(DENSE[[0, 4, 1]], chosen)
    assert found[0, 0] == pytest.approx(float(texts[0] @ texts[1]), abs=1e-4)
    assert found[1, 2] == ABSENT
    assert found[2] == pytest.approx(COMPARED.centroid(DENSE[[1]])[0], abs=1e-5)


def test_without_entries_there_are_no_columns() -> None:
    empty = MeanRemoved(DENSE[:0], CLASSES[:0])
    assert empty.nearest(DENSE, DENSE @ DENSE[:0].T).shape == (7, 0)
    assert empty.centroid(DENSE).shape == (7, 0)


def test_few_entries_keep_their_mean() -> None:
    two, classes = DENSE[:4], CLASSES[:4]
    found = MeanRemoved(two, classes).nearest(DENSE, DENSE @ two.T)
    assert found == pytest.approx(np.maximum.reduceat(DENSE @ two.T, [0, 2], axis=1), abs=1e-5)
