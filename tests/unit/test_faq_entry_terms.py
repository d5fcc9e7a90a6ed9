"""Tests which terms of a message an entry contains and which it lacks; columns are terms, rows are texts."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from bot.faq.scoring.entry_terms import EntryTerms

PAGAR, PERMISO, DEVOLVER, PLAZO, TIPEO = range(5)
RARITY = np.array([0.25, 0.5, 1.0, 0.75, 1.0], np.float32)
FAMILIAR = np.array([True, True, True, False, False])


def rows(*texts: tuple[int, ...]) -> scipy.sparse.csr_matrix:
    table = np.zeros((len(texts), len(RARITY)), np.float32)
    for row, terms in enumerate(texts):
        table[row, list(terms)] = 1
    return scipy.sparse.csr_matrix(table)


TEXTS = rows((PAGAR, PERMISO), (PERMISO, PLAZO), (DEVOLVER,))  # two of entry 0, one of entry 1
ENTRY_TERMS = EntryTerms(TEXTS, np.array([0, 0, 1]), 2, RARITY, FAMILIAR)


def test_missed_is_the_weight_of_the_terms_that_no_text_of_the_entry_contains() -> None:
    found = ENTRY_TERMS.of(rows((PERMISO, DEVOLVER)))
    assert found.missed_weight[0] == pytest.approx([1.0, 0.5])
    assert found.missed_share[0] == pytest.approx([1 / 1.5, 0.5 / 1.5], abs=1e-4)


def test_term_that_no_text_contains_is_unknown_and_never_missed() -> None:
    found = ENTRY_TERMS.of(rows((PERMISO, TIPEO)))
    assert (found.missed_weight[0, 0], found.unknown[0, 0]) == (0, 1)
    assert found.missed_share[0, 1] == pytest.approx(0.5 / 1.5, abs=1e-4)


def test_text_left_out_counts_only_the_terms_of_the_other_texts_of_its_entry() -> None:
    found = ENTRY_TERMS.without_each(TEXTS, np.array([0, 0, 1]))
    assert found.missed_weight[0, 0] == pytest.approx(0.25)  # nobody else says «pagar»
    assert (found.missed_weight[1, 0], found.unknown[1, 0]) == (0, 1)  # without the text, nobody knows «plazo»
    assert found.missed_weight[2, 1] == pytest.approx(1.0)


def test_text_of_the_background_has_no_entry_to_be_left_out_of() -> None:
    some = rows((PAGAR, DEVOLVER))
    left_out, asked = ENTRY_TERMS.without_each(some, np.array([7])), ENTRY_TERMS.of(some)
    assert np.allclose(left_out.missed_weight, asked.missed_weight)
    assert np.allclose(left_out.unknown, asked.unknown)


def test_entry_that_does_not_exist_has_no_terms_and_makes_none_known() -> None:
    found = ENTRY_TERMS.without_classes(
        [rows((PERMISO, PLAZO)), rows((PERMISO, PLAZO))], [np.array([0]), np.array([9])]
    )
    assert (found.missed_weight[0, 0], found.unknown[0, 0]) == (0.5, 1)
    assert (found.missed_weight[1, 0], found.unknown[1, 0]) == (0, 0)


def test_message_without_terms_is_missed_by_every_entry() -> None:
    found = ENTRY_TERMS.of(rows(()))
    assert not found.missed_weight.any()
    assert found.missed_share.tolist() == [[1, 1]]


def test_said_weighs_a_term_by_its_rarity_in_general_and_among_the_entries() -> None:
    both, one = np.log([3 / 2.5, 3 / 1.5]) / np.log(3)
    texts = EntryTerms(rows((PAGAR, PERMISO), (PAGAR, DEVOLVER)), np.array([0, 1]), 2, RARITY, FAMILIAR)
    found = texts.of(rows((PAGAR, PERMISO, DEVOLVER, TIPEO)))
    assert found.said[0] == pytest.approx([0.25 * both + 0.5 * one, 0.25 * both + 1.0 * one])


def test_term_of_only_the_left_out_text_is_neither_said_nor_common() -> None:
    found = ENTRY_TERMS.without_each(TEXTS, np.array([0, 0, 1]))
    one_entry = np.log(3 / 1.5) / np.log(3)
    assert found.said[0, 0] == pytest.approx(0.5 * one_entry)  # «permiso», which the entry's other text says too
    assert found.said[2].tolist() == [0, 0]  # nobody else says «devolver»


def test_entry_that_does_not_exist_leaves_its_terms_rarer() -> None:
    texts = EntryTerms(rows((PAGAR,), (PAGAR,), (PERMISO,)), np.array([0, 1, 2]), 3, RARITY, FAMILIAR)
    found = texts.without_classes([rows((PAGAR,))], [np.array([0])])
    assert found.said[0] == pytest.approx([0, 0.25 * np.log(3 / 1.5) / np.log(3), 0])
