"""Tests that the encoder returns the right vectors and that no text breaks it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bot.core.errors.encoder import EncoderMissing
from bot.encoder_build import prepare as encoder_build
from bot.encoder_build.graph import write_graph
from bot.encoder_build.network import blockwise, whole
from bot.encoder_build.prepare import prepare_encoder
from bot.encoder_build.tokenizer import latin_rows
from bot.encoder_build.weights import read_weights
from bot.faq.encoder.encoder import MAX_CHARS, OF_ONE_MESSAGE, AtOnce, Encoder, Vectors, sanitised
from bot.faq.encoder.folder import MODEL, TOKENIZER, VECTORS, WEIGHTS, encoder_folder
from bot.faq.encoder.vectors import VectorCache
from bot.faq.encoder.verifier import load_verifier
from tests.home import ROOT

# As XLM-RoBERTa cuts it; ids compared with a plain Viterbi over all 250,002 pieces on 1,004 texts: no difference.
PIECES = ["<s>", "▁que", "ry", ":", "▁renova", "r", "▁el", "▁carne", "t", "</s>"]


def test_runtime_reports_nothing_to_its_maker(encoder_folder: Path, tmp_path: Path) -> None:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "CI", "GITHUB_", "XDG_"))}
    code = (
        "import sys; from pathlib import Path; from bot.faq.encoder.encoder import Encoder; Encoder(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(encoder_folder)]
    subprocess.run(command, check=True, cwd=ROOT, env={**ours, "HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []  # it keeps reports and an id of the machine in .cache there


def test_text_is_tokenized_as_xlm_roberta_does(encoder_folder: Path) -> None:
    tokenizer = Tokenizer.from_file(str(encoder_folder / TOKENIZER))
    assert tokenizer.encode("query:  renovar el\tcarnet ").tokens == PIECES


def test_similar_meanings_have_close_vectors(encoder: Encoder) -> None:
    texts = ["perdí mi cédula de identidad", "me robaron el carnet", "a qué hora pasa el camión de la basura"]
    vectors = encoder.embed([f"query: {text}" for text in texts])
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > similarity[0, 2] + 0.05


@pytest.mark.parametrize("count", [0, 1, OF_ONE_MESSAGE, OF_ONE_MESSAGE + 1])
def test_texts_of_one_message_embedded_at_the_same_time_have_the_same_vectors(encoder: Encoder, count: int) -> None:
    texts = [f"query: cómo pago {'la multa ' * number}" for number in range(count)]
    together = AtOnce(encoder)
    assert np.array_equal(together.embed(texts), encoder.embed(texts)) and together.fingerprint == encoder.fingerprint


def test_vectors_have_length_one(encoder: Encoder) -> None:
    vectors = encoder.embed(["query: hola", "", "😀", "مرحبا"])
    assert vectors.shape == (4, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_batch_gives_the_same_vectors_as_single_texts_for_any_thread_count(
    encoder: Encoder, encoder_folder: Path
) -> None:
    texts = [f"query: {'una palabra más ' * count}" for count in range(20)]
    alone = np.concatenate([encoder.embed([text]) for text in texts])
    assert np.array_equal(encoder.embed(texts), alone)
    assert np.array_equal(Encoder(encoder_folder, threads=3).embed(texts), alone)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["ﷺ" * 150, "a" * 10_000, "\x00\x01", "\ud800", "e\u0301" * 3000, "\u202etxet"])
def test_hostile_texts_get_a_vector(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.embed([text])).all()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_sanitised_to_printable_text(text: str) -> None:
    cleaned = sanitised(text)
    assert len(cleaned) <= MAX_CHARS
    assert cleaned == sanitised(cleaned)


def test_rounding_twice_changes_nothing() -> None:
    weight = np.random.default_rng(7).normal(size=(8, 64)).astype(np.float32)
    once = blockwise(weight)
    assert np.array_equal(blockwise(once), once)
    assert np.abs(once - weight).max() < np.abs(weight).max() / 8


def test_quantized_weights_are_close_and_sum_within_16_bits() -> None:
    weight = np.random.default_rng(7).normal(size=(8, 64)).astype(np.float32)
    weight[3] = 0
    numbers, scales = whole(weight)
    assert np.abs(numbers * scales - weight.T).max() <= scales.max() / 2 + 1e-6
    assert 2 * 255 * int(np.abs(numbers).max()) < 2**15


def test_quick_encoder_is_close_to_the_exact_one(tmp_path: Path, encoder_folder: Path) -> None:
    weights = read_weights(encoder_folder.parent / WEIGHTS, latin_rows)
    rounded = {
        name: blockwise(tensor) if name[0] == "l" and tensor.ndim == 2 else tensor
        for name, tensor in weights.tensors.items()
    }
    shutil.copy(encoder_folder / TOKENIZER, tmp_path / TOKENIZER)
    texts = ["query: ola nesesito renobar el carnet xfa", "query: hola", "query: " + "me cortaron el agua " * 20]
    vectors = []
    for exact in (True, False):
        write_graph(replace(weights, tensors=rounded), tmp_path / MODEL, exact=exact)
        vectors.append(Encoder(tmp_path).embed(texts))
    assert (vectors[0] * vectors[1]).sum(axis=1).min() > 0.995


def test_encoder_of_another_origin_needs_no_states(tmp_path: Path, encoder: Encoder, encoder_folder: Path) -> None:
    graph = onnx.load(encoder_folder / MODEL)
    graph.graph.output.remove(next(one for one in graph.graph.output if one.name == "states"))
    onnx.save(graph, tmp_path / MODEL)
    shutil.copy(encoder_folder / TOKENIZER, tmp_path / TOKENIZER)
    other = Encoder(tmp_path)
    assert np.array_equal(other.embed(["query: hola"]), encoder.embed(["query: hola"]))
    assert load_verifier(other, tmp_path) is None


def test_prepared_encoder_is_not_built_again(encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_build, "REQUIREMENTS", Path("no-such-file"))
    assert prepare_encoder(encoder_folder.parents[1]) == encoder_folder


def test_failed_download_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_build, "REQUIREMENTS", tmp_path / "no-such-file.txt")
    with pytest.raises(EncoderMissing):
        prepare_encoder(tmp_path)
    assert list(encoder_folder(tmp_path).parent.iterdir()) == []


def test_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing):
        Encoder(tmp_path)


class Counting:
    """An embedder that records the texts it embedded."""

    fingerprint = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)


def test_text_is_embedded_once_even_after_a_restart(tmp_path: Path) -> None:
    counting = Counting()
    first = VectorCache(counting, tmp_path).embed(["uno", "dos", "uno"])
    again = VectorCache(counting, tmp_path).embed(["dos", "tres"])
    assert counting.asked == ["dos", "uno", "tres"]
    assert np.array_equal(first[1], again[0])
    assert first.tolist() == [[3, 117], [3, 100], [3, 117]]


@pytest.mark.filterwarnings("ignore")
def test_damaged_cache_is_replaced(tmp_path: Path) -> None:
    (tmp_path / VECTORS).write_bytes(b"this is no database" * 100)
    kept = VectorCache(Counting(), tmp_path)
    assert kept.embed(["uno"]).tolist() == [[3, 117]]
    kept.embed(["uno"])
    with sqlite3.connect(tmp_path / VECTORS) as database:
        assert database.execute("SELECT count(*) FROM vector").fetchone() == (1,)


def test_processes_may_share_the_cache(tmp_path: Path) -> None:
    def work(name: str) -> None:
        kept = VectorCache(Counting(), tmp_path)
        for number in range(20):
            kept.embed([f"{name}{number}", f"común {number}"])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counting = Counting()
    VectorCache(counting, tmp_path).embed([f"{name}{number}" for name in "abcd" for number in range(20)])
    assert counting.asked == []
