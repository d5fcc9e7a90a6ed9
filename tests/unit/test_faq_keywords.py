"""A word or two that name entries are recognised, whatever surrounds them; more than that is a question."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency
from bot.faq.entries.folder import load_folder
from bot.faq.words.keywords import Keywords, content_stems

FAQ = Path(__file__).parents[2] / "data" / "faq"


@pytest.fixture(scope="module")
def keywords(agency: Agency) -> Keywords:
    return Keywords(load_folder(FAQ, agency.teams).entries)


@pytest.mark.parametrize("words", ["licencia", "LICENCIAS", "hola, necesito info sobre la licencia xfa", "¿licencia?"])
def test_one_word_names_every_entry_about_it(keywords: Keywords, words: str) -> None:
    assert {"licencia-primera", "licencia-renovar", "licencia-hora"} <= keywords.named(words)


def test_two_words_narrow_it(keywords: Keywords) -> None:
    assert "multas-pago" in keywords.named("pagar una multa")
    assert "multas-consulta" not in keywords.named("pagar una multa")


@pytest.mark.parametrize(
    "words", ["", "hola", "quiero saber algo", "elefante", "la licencia de mi hijo venció ayer en la tarde"]
)
def test_fillers_strangers_and_whole_stories_name_nothing(keywords: Keywords, words: str) -> None:
    assert keywords.named(words) == frozenset()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("quiero pagar una multa", "multas-pago"),
        ("y mi gato necesita la vacuna", "vacuna"),
        ("¿cómo la consigo?", None),
        ("", None),
    ],
)
def test_what_a_part_is_about_is_the_entry_that_its_rarest_words_name(
    keywords: Keywords, text: str, entry: str | None
) -> None:
    assert keywords.most_named(content_stems(text), ("multas-consulta", "multas-pago", "vacuna")) == entry


def test_among_no_entries_none_is_named(keywords: Keywords) -> None:
    assert keywords.most_named(content_stems("quiero pagar una multa"), ()) is None
