"""Tests that each feature of the calibration is in the column of its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.faq.entries.entry import Entry
from bot.faq.ranking.feature_names import EntryFeature
from bot.faq.ranking.features import BY_TEXTS, Features, likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer

MESSAGES = ("hay un hoyo en mi calle", "se me venció el carnet de manejar", "cuándo pasa el camión")


@pytest.fixture
def index(few: tuple[Entry, ...], space: Vectorizer) -> Index:
    return Index(few, space)


def column(features: Features, name: EntryFeature) -> Features:
    return features[:, :, list(EntryFeature).index(name)]


def test_likeliest_entry_comes_first_with_a_column_for_each_feature(index: Index, space: Vectorizer) -> None:
    order, features = likely(index.evidence(space.rows(MESSAGES)), index)
    assert [index.ids[best] for best in order[:, 0]] == ["bache", "licencia", "basura"]
    assert features.shape == (*order.shape, len(EntryFeature))


def test_scores_and_sizes_are_those_of_the_entries(index: Index, space: Vectorizer) -> None:
    evidence = index.evidence(space.rows(MESSAGES))
    order, features = likely(evidence, index)
    scores = np.take_along_axis(evidence.scores, order, axis=1)
    others = evidence.scores[:, len(index.ids) :].max(axis=1)[:, None]
    texts = np.log(index.sizes[order])
    assert np.array_equal(column(features, EntryFeature.SCORE), scores)
    assert np.allclose(column(features, EntryFeature.SCORE_OVER_OTHERS), scores - others, atol=1e-6)
    assert np.allclose(column(features, EntryFeature.LOG_TEXTS), texts)
    assert np.allclose(column(features, EntryFeature.LOG_TEXTS_SQUARED), texts**2)


def test_leads_without_the_mean_and_of_said_compare_with_every_other_entry(index: Index, space: Vectorizer) -> None:
    evidence = index.evidence(space.rows(MESSAGES))
    order, features = likely(evidence, index)
    for name, values in (
        (EntryFeature.SAID_AMONG_ENTRIES, evidence.said),
        (EntryFeature.NEAREST_WITHOUT_MEAN, evidence.nearest_without_mean),
        (EntryFeature.CENTRE_WITHOUT_MEAN, evidence.centroid_without_mean),
    ):
        assert values.shape == (len(MESSAGES), len(index.ids))
        rivals = [np.delete(row, best).max() for row, best in zip(values, order[:, 0], strict=True)]
        leads = values[np.arange(len(MESSAGES)), order[:, 0]] - rivals
        assert column(features, name)[:, 0] == pytest.approx(leads, abs=1e-5)


def test_interaction_features_multiply_the_feature_they_name(index: Index, space: Vectorizer) -> None:
    _, features = likely(index.evidence(space.rows(MESSAGES)), index)
    texts = column(features, EntryFeature.LOG_TEXTS)
    for product, factor in BY_TEXTS.items():
        assert product == f"log_texts_by_{factor}"
        assert np.allclose(column(features, product), texts * column(features, factor), rtol=1e-5)


def test_counterexample_weighs_against_its_own_entry_only(few: tuple[Entry, ...], space: Vectorizer) -> None:
    message = "hay un hoyo en mi calle y quiero que me paguen la llanta"
    leads = []
    for entries in (few, (replace(few[0], counterexamples=(message,)), *few[1:])):
        index = Index(entries, space)
        order, features = likely(index.evidence(space.message(message)), index)
        found = column(features, EntryFeature.NEAREST_OVER_MATTERS)[0]
        leads.append(dict(zip(order[0].tolist(), found.tolist(), strict=True)))
    before, after = leads
    assert after[0] < before[0] - 0.1
    assert all(after[one] == pytest.approx(before[one], abs=1e-5) for one in before if one)
