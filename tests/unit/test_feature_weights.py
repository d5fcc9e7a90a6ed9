"""Tests that weights of features are summed exactly as with a full matrix, and kept in less memory."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from bot.faq.scoring.feature_weights import FeatureWeights

FEATURES, CLASSES = 5000, 7


def texts(count: int, seed: int = 1) -> scipy.sparse.csr_matrix:
    found = scipy.sparse.random(count, FEATURES, density=0.02, format="csr", dtype=np.float32, random_state=seed)
    return scipy.sparse.csr_matrix(found)


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("count", [0, 1, 40])
def test_totals_are_those_of_the_full_matrix_to_the_last_bit(count: int, share: float) -> None:
    random = np.random.default_rng(3)
    weights = random.normal(size=(FEATURES, CLASSES)).astype(np.float32)
    weights[random.random(FEATURES) >= share] = 0
    features = texts(count)
    assert np.array_equal(FeatureWeights(weights).totals(features), features @ weights)


def test_weights_that_are_not_used_have_no_length() -> None:
    assert len(FeatureWeights(np.zeros((0, CLASSES), np.float32))) == 0
    assert len(FeatureWeights(np.zeros((FEATURES, CLASSES), np.float32))) == FEATURES


def test_rows_of_zeros_take_no_memory() -> None:
    weights = np.zeros((FEATURES, 100), np.float32)
    weights[::50] = 1
    kept = vars(FeatureWeights(weights)).values()
    assert sum(one.nbytes for one in kept if isinstance(one, np.ndarray)) < weights.nbytes / 10
