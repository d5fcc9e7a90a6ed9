"""Tests that the features of words are the same whether computed or cached, and cached only for known texts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from bot.faq.encoder.folder import VECTORS
from bot.faq.words.lexicon import Lexicon
from bot.faq.words.lexicon_sheet import Sheets
from bot.faq.words.lexicon_words import form_key
from bot.faq.words.word_features import WordFeatures, WordFeaturizer

BACKGROUND = ("¿Cómo renuevo mi carnet?", "quiero pagar una multa", "¿Quiero ver a alguien?")
TEXTS = ("kiero renovar el karnet", "", "jajaja " * 60, "ñandú 😀", "mal\udc80o", "kiero renovar el karnet")
CARD = Lexicon(Sheets(forms={form_key("carnet"): "cédula", form_key("cédula"): "cédula"}))


def same(one: WordFeatures, other: WordFeatures) -> bool:
    pairs = [(one.letters, other.letters), (one.runs, other.runs), (one.terms, other.terms)]
    return one.prompts == other.prompts and all(
        a.shape == b.shape and np.array_equal(a.toarray(), b.toarray()) and a.dtype == b.dtype for a, b in pairs
    )


def kept(home: Path) -> int:
    with sqlite3.connect(home / VECTORS) as database:
        found: int = database.execute("SELECT count(*) FROM words").fetchone()[0]
    return found


def test_kept_features_are_those_that_were_computed(tmp_path: Path) -> None:
    computed = WordFeaturizer(BACKGROUND, CARD).of(TEXTS)
    assert computed.prompts[0] == "query: quiero renovar el carnet"
    for _ in range(2):
        assert same(WordFeaturizer(BACKGROUND, CARD, tmp_path).of_known(TEXTS), computed)
    assert kept(tmp_path) == len(set(TEXTS))


@pytest.mark.parametrize("texts", [(), ("",)])
def test_empty_text_has_no_features(tmp_path: Path, texts: tuple[str, ...]) -> None:
    features = WordFeaturizer(BACKGROUND, CARD, tmp_path)
    for found in (features.of(texts), features.of_known(texts)):
        assert found.letters.shape[0] == found.runs.shape[0] == len(texts)
        assert (found.letters.nnz, found.runs.nnz, found.terms.nnz) == (0, 0, 0)


def test_runs_are_words_and_neighbours_whose_spelling_variants_are_the_same() -> None:
    runs = WordFeaturizer(BACKGROUND, CARD).of(("kiero renovar", "¡Quiero renovar!", "renovar quiero")).runs
    assert runs.sum(axis=1).ravel().tolist() == [[9, 9, 9]]  # four words with the ends, three pairs and two triples
    assert (runs[0] != runs[1]).nnz == 0
    assert runs[0].multiply(runs[2]).nnz == 4  # the words and the ends, in no order


def test_messages_of_citizens_are_not_kept(tmp_path: Path) -> None:
    features = WordFeaturizer(BACKGROUND, CARD, tmp_path)
    features.of_known(["¿Cómo renuevo mi carnet?"])
    features.of(["me llamo Ana y vivo en Los Aromos 12"])
    features.prompts(["otra cosa"])
    assert kept(tmp_path) == 1


@pytest.mark.parametrize(
    ("background", "lexicon"),
    [((*BACKGROUND, "kiero kiero kiero kiero kiero kiero"), CARD), (BACKGROUND, Lexicon(Sheets()))],
)
def test_another_background_or_lexicon_has_features_of_its_own(
    tmp_path: Path, background: tuple[str, ...], lexicon: Lexicon
) -> None:
    before = WordFeaturizer(BACKGROUND, CARD, tmp_path).of_known(TEXTS)
    after = WordFeaturizer(background, lexicon, tmp_path).of_known(TEXTS)
    assert same(after, WordFeaturizer(background, lexicon).of(TEXTS)) and not same(after, before)


def test_damaged_file_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / VECTORS).write_bytes(b"this is no database" * 100)
    computed = WordFeaturizer(BACKGROUND, CARD).of(TEXTS)
    for _ in range(2):
        assert same(WordFeaturizer(BACKGROUND, CARD, tmp_path).of_known(TEXTS), computed)
    assert kept(tmp_path) == len(set(TEXTS))


def test_features_of_the_last_three_origins_stay(tmp_path: Path) -> None:
    for number in range(5):
        WordFeaturizer((*BACKGROUND, f"otra {number}"), CARD, tmp_path).of_known(TEXTS)
    assert kept(tmp_path) == 3 * len(set(TEXTS))
