"""Tests what of a message's content no text of an entry says; columns are terms, rows are texts."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from bot.faq.ranking.unsaid import Unsaid

PAGAR, PERMISO, DEVOLVER, PLAZO, TIPEO = range(5)
RARITY = np.array([0.25, 0.5, 1.0, 0.75, 1.0], np.float32)
FAMILIAR = np.array([True, True, True, False, False])


def rows(*texts: tuple[int, ...]) -> scipy.sparse.csr_matrix:
    table = np.zeros((len(texts), len(RARITY)), np.float32)
    for row, terms in enumerate(texts):
        table[row, list(terms)] = 1
    return scipy.sparse.csr_matrix(table)


TEXTS = rows((PAGAR, PERMISO), (PERMISO, PLAZO), (DEVOLVER,))  # two of entry 0, one of entry 1
UNSAID = Unsaid(TEXTS, np.array([0, 0, 1]), 2, RARITY, FAMILIAR)


def test_missed_is_the_weight_of_the_terms_that_no_text_of_the_entry_contains() -> None:
    found = UNSAID.of(rows((PERMISO, DEVOLVER)))
    assert found.weight[0] == pytest.approx([1.0, 0.5])
    assert found.share[0] == pytest.approx([1 / 1.5, 0.5 / 1.5], abs=1e-4)


def test_term_that_no_text_contains_is_unknown_and_never_missed() -> None:
    found = UNSAID.of(rows((PERMISO, TIPEO)))
    assert (found.weight[0, 0], found.unknown[0, 0]) == (0, 1)
    assert found.share[0, 1] == pytest.approx(0.5 / 1.5, abs=1e-4)


def test_text_left_out_counts_only_what_the_other_texts_of_its_entry_say() -> None:
    found = UNSAID.without_each(TEXTS, np.array([0, 0, 1]))
    assert found.weight[0, 0] == pytest.approx(0.25)  # nobody else says «pagar»
    assert (found.weight[1, 0], found.unknown[1, 0]) == (0, 1)  # without the text, nobody knows «plazo»
    assert found.weight[2, 1] == pytest.approx(1.0)


def test_text_of_the_background_has_no_entry_to_be_left_out_of() -> None:
    some = rows((PAGAR, DEVOLVER))
    left_out, asked = UNSAID.without_each(some, np.array([7])), UNSAID.of(some)
    assert np.allclose(left_out.weight, asked.weight)
    assert np.allclose(left_out.unknown, asked.unknown)


def test_entry_that_does_not_exist_says_nothing_and_makes_no_term_known() -> None:
    found = UNSAID.without_classes([rows((PERMISO, PLAZO)), rows((PERMISO, PLAZO))], [np.array([0]), np.array([9])])
    assert (found.weight[0, 0], found.unknown[0, 0]) == (0.5, 1)
    assert (found.weight[1, 0], found.unknown[1, 0]) == (0, 0)


def test_no_entry_says_what_a_message_without_terms_says() -> None:
    found = UNSAID.of(rows(()))
    assert not found.weight.any()
    assert found.share.tolist() == [[1, 1]]
