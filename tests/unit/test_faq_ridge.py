"""Tests that leaving texts out by formula equals training again without them."""

from __future__ import annotations

import numpy as np
import pytest

from bot.faq.scoring.matrix import BLOCK, FEW, products
from bot.faq.scoring.ridge import SMALL_GROUP, EntryIndices, Ridge, Scores

REGULARISATION, WIDTH = 0.7, 12


def texts(count: int, classes: int, seed: int = 1) -> tuple[Scores, EntryIndices, Scores]:
    draw = np.random.default_rng(seed)
    dense = draw.normal(size=(count, WIDTH)).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    class_of = np.sort(np.concatenate([np.arange(classes), draw.integers(0, classes, count - classes)]))
    return dense, class_of, draw.uniform(0.2, 2.0, count).astype(np.float32)


def learnt(dense: Scores, class_of: EntryIndices, weight: Scores, classes: int) -> Scores:
    """Returns the coefficients by the textbook formula: (X'WX + rI)^-1 X'WY."""
    wanted = np.eye(classes)[class_of]
    gram = dense.T @ (dense * weight[:, None]) + REGULARISATION * np.eye(WIDTH)
    return np.linalg.solve(gram, dense.T @ (wanted * weight[:, None])).astype(np.float32)


@pytest.mark.parametrize("count", [0, 1, 3, FEW, FEW + 1])
def test_products_of_messages_are_those_of_each_alone(count: int) -> None:
    others, messages = texts(2 * BLOCK + 7, 1)[0], texts(FEW + 1, 1, seed=2)[0][:count]
    found = products(messages, others)
    assert found.shape == (count, len(others)) and found.dtype == np.float32
    assert np.allclose(found, messages @ others.T, atol=1e-6)
    if count <= FEW:
        assert all(
            np.array_equal(row, products(one[None], others)[0]) for row, one in zip(found, messages, strict=True)
        )


def test_scores_equal_the_textbook_formula() -> None:
    dense, class_of, weight = texts(60, 5)
    messages = texts(9, 1, seed=2)[0]
    found = Ridge(dense, class_of, weight, REGULARISATION).scores(messages)
    assert np.allclose(found, messages @ learnt(dense, class_of, weight, 5), atol=1e-4)


def test_each_left_out_text_scores_as_if_never_there() -> None:
    dense, class_of, weight = texts(40, 4)
    chosen = np.array([0, 7, 39])
    found = Ridge(dense, class_of, weight, REGULARISATION).without_each(chosen)
    for row, place in zip(found, chosen, strict=True):
        left = np.arange(len(dense)) != place
        assert np.allclose(row, dense[place] @ learnt(dense[left], class_of[left], weight[left], 4), atol=1e-4)


@pytest.mark.parametrize("size", [1, SMALL_GROUP, SMALL_GROUP + 1])
def test_quick_and_plain_way_to_leave_a_class_out_agree(size: int) -> None:
    dense, class_of, weight = texts(size + 80, 2)
    class_of = np.repeat([0, 1], [size, 80])
    group, left = np.arange(size), slice(size, None)
    messages = texts(6, 1, seed=3)[0]
    (found,) = [Ridge(dense, class_of, weight, REGULARISATION).without_groups([messages], [group])]
    anew = messages @ learnt(dense[left], class_of[left], weight[left], 2)
    assert np.allclose(found[:, 1], anew[:, 1], atol=1e-3)
    assert (found[:, 0] == 0).all()


def test_groups_are_independent_and_an_empty_group_changes_nothing() -> None:
    dense, class_of, weight = texts(50, 5)
    ridge = Ridge(dense, class_of, weight, REGULARISATION)
    messages = texts(4, 1, seed=4)[0]
    first, nobody = np.flatnonzero(class_of == 0), np.array([], dtype=np.int64)
    found = ridge.without_groups([messages[:1], messages[1:]], [nobody, first])
    assert np.allclose(found[:1], ridge.scores(messages[:1]), atol=1e-4)
    assert np.allclose(found[1:], ridge.without_groups([messages[1:]], [first]), atol=1e-6)


def test_without_texts_there_are_no_classes() -> None:
    nothing = np.zeros((0, WIDTH), np.float32)
    ridge = Ridge(nothing, np.array([], dtype=np.int64), np.array([], np.float32), REGULARISATION)
    assert ridge.scores(np.ones((3, WIDTH), np.float32)).shape == (3, 0)
