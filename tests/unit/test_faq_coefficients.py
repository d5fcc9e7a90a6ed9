"""Tests the file of the answerer's coefficients: complete, valid, and unchanged by an equal refit."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from bot.core.errors.contents import CoefficientsInvalid
from bot.core.terminal import worded
from bot.core.yaml import read_yaml
from bot.faq.ranking.coefficients import (
    FILE,
    EntryFeature,
    FollowFeature,
    MatterFeature,
    TalkFeature,
    Usual,
    VerifiedFeature,
    read_coefficients,
    tuned,
)
from bot.faq.ranking.refit import refitted, refitted_model

CONTENT = FILE.read_text(encoding="utf-8")


def test_vectors_start_with_the_intercept_and_follow_the_order_of_the_code() -> None:
    usual, rows = tuned().entry.usual, read_yaml(CONTENT)["entry"]
    ordered = [rows["intercept"], *(rows["features"][name.value] for name in EntryFeature)]
    assert usual.coefficients.tolist() == [row["coefficient"] for row in ordered]
    assert usual.spread.tolist() == [row["spread"] for row in ordered]
    assert tuned().out_of_scope_topic.coefficients.tolist() == [-1.17, 20.77, 0.7, 0.65, 5.83]
    assert tuned().chitchat.coefficients.tolist() == [4.29, 44.62, -12.08, 1.84, -0.02, 0.43, 0.77]


def test_passage_weighs_exactly_a_third() -> None:
    assert tuned().index.passage_weight == 1 / 3


def test_order_of_the_file_does_not_matter() -> None:
    raw = read_yaml(CONTENT)
    raw["entry"]["features"] = dict(reversed(raw["entry"]["features"].items()))
    assert read_coefficients(yaml.safe_dump(raw)).entry.usual.coefficients.tolist() == (
        tuned().entry.usual.coefficients.tolist()
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("    log_share: {", "    log_shares: {", "entry.features.log_shares"),
        ("    nearest_over_others: 5.83\n", "", "missing: nearest_over_others"),
        ("  temperature: 0.05\n", "", "index.temperature"),
        ("  temperature: 0.05\n", "  temperature: mucho\n", "index.temperature"),
        ("  temperature: 0.05\n", "  temperature: 0.05\n  tempo: 1\n", "index.tempo"),
        ("  minimum_answer: 0.7\n", "  minimum_answer: 7\n", "calibration.minimum_answer"),
        ("entry:\n", "entry: [\n", "YAML"),
    ],
)
def test_wrong_name_or_number_is_reported_by_its_place(old: str, new: str, expected: str) -> None:
    assert CONTENT.count(old) == 1
    with pytest.raises(CoefficientsInvalid) as refused:
        read_coefficients(CONTENT.replace(old, new))
    assert expected in worded(refused.value)


def test_every_section_states_the_origin_of_its_numbers() -> None:
    assert all(section["origin"] for section in read_yaml(CONTENT).values())


def test_refit_with_equal_results_leaves_the_file_unchanged() -> None:
    assert refitted(CONTENT, tuned().entry.usual) == CONTENT


def test_refit_rewrites_only_the_numbers_that_changed() -> None:
    usual = tuned().entry.usual
    moved = usual.coefficients.copy()
    moved[1 + list(EntryFeature).index(EntryFeature.LOG_SHARE)] = 0.25041
    written = read_yaml(CONTENT)["entry"]["features"]["log_share"]["coefficient"]
    expected = CONTENT.replace(f"log_share: {{coefficient: {written}", "log_share: {coefficient: 0.25", 1)
    assert refitted(CONTENT, Usual(moved, usual.spread)) == expected


@pytest.mark.parametrize("section", ["verifier", "following"])
def test_refit_of_a_model_rewrites_only_the_numbers_that_changed(section: str) -> None:
    model = read_yaml(CONTENT)[section]
    assert refitted_model(CONTENT, section, model["intercept"], model["features"]) == CONTENT
    name, value = next(iter(model["features"].items()))
    moved = refitted_model(CONTENT, section, model["intercept"], {name: value + 0.25})
    assert read_yaml(moved)[section]["features"] == model["features"] | {name: round(value + 0.25, 3)}
    assert sum(old != new for old, new in zip(CONTENT.split("\n"), moved.split("\n"), strict=True)) == 1


def test_verifier_raises_its_intercept() -> None:
    assert tuned().verifier.coefficients.tolist() == [pytest.approx(0.05), 0.797, 0.378, 0.224]


def test_each_feature_has_its_coefficient() -> None:
    names = (EntryFeature, MatterFeature, TalkFeature, FollowFeature, VerifiedFeature)
    sizes = [len(one) + 1 for one in names]
    models = (tuned().out_of_scope_topic, tuned().chitchat, tuned().following, tuned().verifier)
    found = (tuned().entry.usual.coefficients, *(one.coefficients for one in models))
    assert [np.size(one) for one in found] == sizes
