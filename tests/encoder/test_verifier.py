"""Tests the verifier, which reads a message together with an entry: its graph, its build, and what it corrects."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from bot.core.errors.encoder import AdapterUnusable
from bot.encoder_build import prepare as encoder_build
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.prepare import prepare_encoder
from bot.encoder_build.verifier import read_trained, write_trained, write_verifier
from bot.encoder_build.weights import Shape
from bot.faq.answering.answerer import Answerer
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import ADAPTER, OWN_ADAPTER, TRAINED_VERIFIER, VERIFIER, WEIGHTS
from bot.faq.encoder.verifier import QUESTION, SENTENCE, UTTERANCE, Text, Verifier, load_verifier
from bot.faq.entries.entry import Entry
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.ranking.verifying import Verifying, in_doubt
from tests.faq_files import agency

SHAPE = Shape(384, 12, 12, 1536, 512, 1e-12)
LICENCE: Sequence[Text] = (
    (QUESTION, "query: ¿Cómo saco la licencia de conducir?"),
    (UTTERANCE, "query: quiero sacar licencia"),
    (SENTENCE, "query: El valor es de $30.000 y se paga en la caja municipal."),
)
SETTLED = "query: cuánto sale sacar la licencia"
UNSETTLED = ("query: atienden los sábados", "query: me robaron la licencia, dónde lo denuncio")


def test_message_that_the_answer_settles_is_told_from_one_about_the_same_subject(verifier: Verifier) -> None:
    settled = verifier.log_odds(SETTLED, [LICENCE])[0]
    assert all(verifier.log_odds(one, [LICENCE])[0] < settled - 3 for one in UNSETTLED)


def test_entries_are_read_in_their_order_each_alone(verifier: Verifier) -> None:
    both = verifier.log_odds(SETTLED, [LICENCE, LICENCE[:1]])
    assert [verifier.log_odds(SETTLED, [one])[0] for one in (LICENCE, LICENCE[:1])] == list(both)
    assert list(verifier.log_odds(SETTLED, [])) == []


def test_quick_verifier_is_close_to_the_exact_one(encoder: Encoder, verifier: Verifier, tmp_path: Path) -> None:
    write_verifier(read_trained(TRAINED_VERIFIER)[0], SHAPE, tmp_path / VERIFIER, exact=True)
    exact = Verifier(encoder, tmp_path)
    for message in (SETTLED, *UNSETTLED):
        assert verifier.log_odds(message, [LICENCE])[0] == pytest.approx(exact.log_odds(message, [LICENCE])[0], abs=0.4)


def test_trained_tensors_survive_the_file(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    tensors = {
        name: random.normal(size=size).astype(np.float32) for name, size in (("l8.q.w", (4, 6)), ("out.b", (3,)))
    }
    write_trained(tensors, "abc", tmp_path / "trained.safetensors")
    found, adapter = read_trained(tmp_path / "trained.safetensors")
    assert adapter == "abc"
    assert np.abs(found["l8.q.w"] - tensors["l8.q.w"]).max() <= np.abs(tensors["l8.q.w"]).max() / 127 / 1.9
    assert found["out.b"] == pytest.approx(tensors["out.b"], rel=1e-3)


def test_states_have_a_row_for_each_token_and_are_those_of_the_text(encoder: Encoder) -> None:
    encoder.embed(["query: hola", SETTLED])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "_session", None)  # they are at hand, so nothing is computed
        at_hand = encoder.states(SETTLED)
    assert at_hand.shape == (len(encoder._tokenizer.encode(SETTLED).ids), 384)
    assert np.array_equal(at_hand, encoder.states(SETTLED + " "))  # a space makes another text with the same tokens


def test_agency_that_tuned_its_own_adapter_has_no_verifier(
    tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_build, "REQUIREMENTS", Path("no-such-file"))
    (tmp_path / "encoder").mkdir()
    shutil.copy(encoder_folder.parent / WEIGHTS, tmp_path / "encoder" / WEIGHTS)
    Adapter.load(ADAPTER).scaled(0.5).save(tmp_path / OWN_ADAPTER)
    own = prepare_encoder(tmp_path)
    assert load_verifier(Encoder(own), own) is None


def test_only_messages_in_doubt_are_read() -> None:
    limits = tuned().verifier
    sure, unlikely = [limits.sure, 0.01, 0.0], [limits.minimum / 4] * 3
    assert in_doubt(np.array([sure, unlikely, [0.5, 0.2, 0.1]])).tolist() == [False, False, True]


def test_verifier_corrects_the_likeliest_entries_and_nothing_else(few: tuple[Entry, ...], space: Vectorizer) -> None:
    text = "me cobran por retirar un árbol?"
    verifying = Answerer(few, space, agency())._verifying
    assert verifying
    rows = space.messages([text, text])
    order = np.array([[0, 1, 2, 3], [0, 1, 2, 3]])
    chances = np.array([[0.5, 0.1, 0.3, 0.05], [0.999, 0.0, 0.0, 0.0]])
    found = verifying.corrected([text, text], rows, order, chances)
    assert [*found] == [0] and found[0][3] == 0.05
    assert (found[0][:3] != chances[0, :3]).all() and (found[0] > 0).all()
    assert chances[0, 0] == 0.5  # unchanged


def test_entry_is_read_as_in_training(few: tuple[Entry, ...], space: Vectorizer) -> None:
    body = "Avisa con la calle y el número. Se repara en diez días."
    bump = replace(few[0], variants=("k ago con el oyo", "hay un hoyo", "el pavimento está roto"), body=body)
    other_audience = replace(bump, question="¿Cómo aviso, si soy del campo?", variants=("vivo en una parcela",))
    entries = (bump, other_audience, *few[1:])
    taken = Index(entries, space, {0: bump.id})
    verifying = Verifying.of(taken, space, entries)
    assert verifying
    texts = verifying._texts(taken.ids.index(bump.id), space.messages([bump.question]))
    assert texts[0] == (QUESTION, f"query: {bump.question}")
    said = [text for kind, text in texts if kind == UTTERANCE]
    assert said == [space.prompt("k ago con el oyo"), space.prompt("hay un hoyo")]  # the question is not said again
    assert "hoyo" in said[0]  # the spelling is mended, as for the encoder
    assert [text for kind, text in texts if kind == SENTENCE] == [
        "query: Avisa con la calle y el número.",
        "query: Se repara en diez días.",
    ]


def test_entry_with_many_utterances_is_not_read(few: tuple[Entry, ...], space: Vectorizer) -> None:
    many = tuple(f"poda número {one}" for one in range(tuned().verifier.few))
    answerer = Answerer([replace(few[0], variants=many), *few[1:]], space, agency())
    verifying, text = answerer._verifying, "me cobran por retirar un árbol?"
    assert verifying
    rows = space.messages([text, text])
    order, chances = np.array([[0, 1, 2], [1, 0, 2]]), np.array([[0.5, 0.2, 0.1]] * 2)
    found = verifying.corrected([text, text], rows, order, chances)
    assert [*found] == [1]


def test_verifier_decides_what_is_answered_and_nothing_else(
    few: tuple[Entry, ...], space: Vectorizer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, today, alone = (
        "me cobran por retirar un árbol?",
        date(2026, 12, 1),
        Answerer(few, space.without_verifier(), agency()),
    )
    assert alone._judged(text).verified == ()
    decisions = []
    for said in (9.0, -9.0):
        monkeypatch.setattr(
            verifier,
            "log_odds",
            lambda _, entries, *, at_once, said=said: np.array([said, *[-9.0] * (len(entries) - 1)]),
        )
        answerer = Answerer(few, space, agency(), calibration=alone.ranked[1])
        judged = answerer._judged(text)
        assert judged.candidates == alone._judged(text).candidates != judged.verified
        decisions.append(answerer.answer(text, today=today))
    answered, asked = decisions
    assert (answered.kind, answered.candidates[0].confidence > 0.9) == ("answer", True)
    assert (asked.kind, asked.candidates) == ("clarify", alone._judged(text).candidates[: len(asked.candidates)])


def test_one_entry_and_no_entries_are_answered_with_the_verifier(few: tuple[Entry, ...], space: Vectorizer) -> None:
    assert Answerer((), space, agency())._verifying is None
    (only,) = Answerer(few[:1], space, agency()).candidates("me cobran por retirar un árbol?")
    assert only.entry == few[0].id


def test_damaged_file_is_named_and_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "verifier.safetensors"
    for content in (b"", TRAINED_VERIFIER.read_bytes()[:5000], save({"out.b": np.zeros(1, np.float32)})):
        damaged.write_bytes(content)
        with pytest.raises(AdapterUnusable, match=re.escape(str(damaged))):
            read_trained(damaged)
    with pytest.raises(AdapterUnusable):
        read_trained(tmp_path / "none")


def test_many_messages_are_read_up_to_a_limit(
    few: tuple[Entry, ...], space: Vectorizer, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def log_odds(_: str, entries: Sequence[object], *, at_once: bool) -> np.ndarray:
        asked.append(at_once)
        return np.zeros(len(entries))

    monkeypatch.setattr(verifier, "log_odds", log_odds)
    monkeypatch.setattr("bot.faq.ranking.verifying.MOST_READ", 2)
    answerer = Answerer(few, space, agency())
    verifying, texts = answerer._verifying, ["me cobran por retirar un árbol?"] * 3
    assert verifying
    rows, order, chances = space.messages(texts), np.array([[0, 1, 2]] * 3), np.array([[0.5, 0.2, 0.1]] * 3)
    assert [*verifying.corrected(texts, rows, order, chances)] == [0, 1]
    assert [*verifying.corrected(texts[:1], rows[:1], order[:1], chances[:1])] == [0]
    assert asked == [False, False, True]
