"""Tests the training data of the tuning: noise, batches, and the half of the utterances that is held out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors.encoder import AdapterUnusable
from bot.encoder_build.adapter import SCALE, Adapter
from bot.encoder_build.prepare import default_weights
from bot.encoder_build.weights import Weights
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import ADAPTER, encoder_folder
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import load_vectorizer
from bot.faq.ranking.background import load_background
from bot.faq.ranking.index import Index
from bot.tuning.comparison import held_out
from bot.tuning.material import material_of, preparation, similar_topics, training_half
from bot.tuning.noise import noisy
from bot.tuning.sampling import TrainingTopic, batches, neighbours
from tests.encoder.tuning_world import changed_adapter, small_world
from tests.faq_files import QUESTIONS, agency

MATTERS = [TrainingTopic(f"m{number}", tuple(f"m{number} dicho {way}" for way in range(4))) for number in range(30)]


@given(st.text(min_size=1, max_size=60), st.integers(0, 1000))
def test_noise_never_empties_a_text_and_is_reproducible(text: str, seed: int) -> None:
    spoilt = noisy(text, Random(seed))
    assert spoilt != ""
    assert noisy(text, Random(seed)) == spoilt


def test_noise_imitates_hurried_typing() -> None:
    ways = {noisy("¿Dónde queda la municipalidad, por favor?", Random(seed)) for seed in range(40)}
    assert len(ways) > 30
    assert any("muni" in way and "municipalidad" not in way for way in ways)
    assert any("xfa" in way for way in ways)


def ring() -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Returns similar topics: for each topic, the numbers of the next two."""
    numbers = np.arange(len(MATTERS))
    return np.stack([(numbers + 1) % len(MATTERS), (numbers + 2) % len(MATTERS)], axis=1)


def names(texts: list[str]) -> list[str]:
    """Returns the topic of each text; the noise leaves the number after the m unchanged."""
    return [text.split()[0].lower() for text in texts]


def test_batch_holds_two_texts_of_each_of_many_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.sampling.NOISE_SHARE", 0.0)
    drawn = batches(MATTERS, ring(), size=12, seed=1)
    for _ in range(20):
        batch = next(drawn)
        first, second = names(batch[:12]), names(batch[12:])
        assert first == second
        assert len(set(first)) == 12
        assert all(one != other for one, other in zip(batch[:12], batch[12:], strict=True))


def test_batches_hold_similar_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.sampling.NOISE_SHARE", 0.0)

    def together(near: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> int:
        drawn = batches(MATTERS, near, size=6, seed=1)
        seen = [{int(name[1:]) for name in names(next(drawn)[:6])} for _ in range(100)]
        return sum((number + 1) % 30 in batch for batch in seen for number in batch)

    far = np.stack([(np.arange(30) + 15) % 30, (np.arange(30) + 14) % 30], axis=1)
    assert together(ring()) > 1.5 * together(far)


def test_most_of_a_batch_comes_from_two_agencies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.sampling.NOISE_SHARE", 0.0)
    agencies = [MATTERS[:8], MATTERS[8:16], MATTERS[16:20]]
    drawn = batches(MATTERS[20:], ring()[:10] % 10, size=10, seed=1, agencies=agencies)
    batch_numbers = [[int(name[1:]) for name in names(next(drawn)[:10])] for _ in range(15)]
    assert all(min(numbers[:4]) >= 20 for numbers in batch_numbers)
    asked = [tuple(min(number // 8, 2) for number in numbers[4:]) for numbers in batch_numbers]
    assert all(one == (first,) * 3 + (second,) * 3 for one in asked for first, second in [(one[0], one[3])])
    assert {0, 1, 2} == set().union(*asked)  # in turn, so that each is used
    assert all(len(set(one)) == 2 for one in asked[::3])


def test_batch_ends_with_counterexamples_of_its_topics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.sampling.NOISE_SHARE", 0.0)
    denying = [TrainingTopic(f"d{one}", (f"d{one} a", f"d{one} b"), denied=(f"no d{one}",)) for one in range(3)]
    others = [TrainingTopic(str(one), (f"{one} a", f"{one} b")) for one in range(40)]
    near = neighbours(np.eye(43, dtype=np.float32))
    batch = next(batches([*denying, *others], near, size=25, seed=1))
    assert len(batch) == 2 * 25 + 3  # an eighth of the topics deny, and each has one counterexample
    assert sorted(batch[50:]) == ["no d0", "no d1", "no d2"]


def test_batch_ends_with_a_counterexample_of_each_request_to_an_agency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tuning.sampling.NOISE_SHARE", 0.0)
    asked = [
        TrainingTopic(f"d{one}", (f"d{one} a", f"d{one} b"), denied=(f"no {one}", f"ni {one}")) for one in range(3)
    ]
    batch = next(batches(MATTERS, ring(), size=10, seed=1, agencies=[asked]))
    assert [text.split()[1] for text in batch[20:]] == [name[1:] for name in names(batch[7:10])]


def test_the_same_seed_draws_the_same_batches() -> None:
    one, other = (batches(MATTERS, ring(), size=8, seed=5) for _ in range(2))
    assert [next(one) for _ in range(5)] == [next(other) for _ in range(5)]


def test_neighbours_are_the_nearest_others() -> None:
    angles = np.array([0.0, 0.1, 3.0])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert neighbours(rows)[:, 0].tolist() == [1, 0, 1]


def test_every_second_utterance_is_taught_and_the_rest_held_out(tmp_path: Path) -> None:
    settings = small_world(tmp_path)
    entries = load_folder(settings.faq_dir, agency().teams).entries
    material = material_of(entries, load_background(settings.project_root / "data"))
    said = {text for topic in material.entries for text in topic.said}
    assert said == {text for utterances in QUESTIONS.values() for text in training_half(utterances)}
    assert len(material.atlas) == 20
    index = Index(entries, load_vectorizer(settings))
    assert len(held_out(index)) == sum(len(utterances) // 2 for utterances in QUESTIONS.values())
    assert set(index.class_of[held_out(index)]) == {0, 1, 2, 3}


def test_counterexample_that_an_entry_has_as_an_utterance_is_not_trained_on(tmp_path: Path) -> None:
    settings = small_world(tmp_path)
    first, other, *_ = load_folder(settings.faq_dir, agency().teams).entries
    denied = (other.utterances[0].upper(), first.utterances[1], "ya pagué dos veces")
    material = material_of(
        [replace(first, counterexamples=denied), other], load_background(settings.project_root / "data")
    )
    assert [topic.denied for topic in material.entries] == [("ya pagué dos veces",), ()]


def test_topics_are_compared_by_meaning(tmp_path: Path) -> None:
    settings = small_world(tmp_path)
    background = load_background(settings.project_root / "data")
    said = (("perdí el carnet",), ("me robaron la cédula de identidad",), ("poda de árboles en la calle",))
    topics = [TrainingTopic(texts[0], texts) for texts in said]
    near = similar_topics(topics, preparation(background), Encoder(encoder_folder(settings.answers_home)))
    assert near[:2, 0].tolist() == [1, 0]


def test_adapter_is_read_as_it_was_written(tmp_path: Path) -> None:
    adapter = changed_adapter(1.0)
    adapter.save(tmp_path / "adapter.safetensors")
    read = Adapter.load(tmp_path / "adapter.safetensors")
    assert list(tmp_path.iterdir()) == [tmp_path / "adapter.safetensors"]
    assert read.parts.keys() == adapter.parts.keys()
    assert all(
        np.array_equal(read.parts[part][side], adapter.parts[part][side]) for part in read.parts for side in (0, 1)
    )


@pytest.fixture(scope="module")
def weights(encoder_folder: Path) -> Weights:
    """Returns the untuned weights, which take seconds to read; no test changes them."""
    return default_weights(encoder_folder.parents[1])


def test_half_an_adapter_moves_the_weights_half_as_far(weights: Weights) -> None:
    adapter = Adapter.load(ADAPTER)
    whole, half = (one.merged_into(weights).tensors["l3.q.w"] for one in (adapter, adapter.scaled(0.5)))
    moved = whole - weights.tensors["l3.q.w"]
    down, up = adapter.parts["l3.q"]
    assert np.allclose(moved, SCALE * up.astype(np.float32) @ down.astype(np.float32), atol=1e-5)
    assert np.abs(half - weights.tensors["l3.q.w"] - moved / 2).max() < 1e-3 * np.abs(moved).max()


def test_invalid_adapter_is_refused(tmp_path: Path, weights: Weights) -> None:
    (tmp_path / "no.safetensors").write_bytes(b"basura")
    with pytest.raises(AdapterUnusable):
        Adapter.load(tmp_path / "no.safetensors")
    other = Adapter({"l0.q": (np.zeros((2, 3), np.float16), np.zeros((4, 2), np.float16))})
    with pytest.raises(AdapterUnusable):
        other.merged_into(weights)
