"""Tests that one or two words that name entries are recognised; longer texts are questions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
import snowballstemmer

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.faq.entries.folder import load_folder
from bot.faq.words.keywords import Keywords, content_stems, may_be_subjects

FAQ = Path(__file__).parents[2] / "data" / "faq"
ENDINGS = ("ando", "aciones", "mente", "idades", "iendo", "arlas", "ibles", "os")


@pytest.fixture(scope="module")
def keywords(agency: Agency) -> Keywords:
    return Keywords(load_folder(FAQ, agency.teams).entries)


@pytest.mark.parametrize("words", ["licencia", "LICENCIAS", "hola, necesito info sobre la licencia xfa", "¿licencia?"])
def test_one_word_names_every_entry_about_it(keywords: Keywords, words: str) -> None:
    assert {"licencia-primera", "licencia-renovar", "licencia-hora"} <= keywords.named(words)


def test_subject_is_a_word_of_any_procedure_in_the_questions_of_few_entries(keywords: Keywords, agency: Agency) -> None:
    [entry] = load_folder(FAQ, agency.teams).entries[:1]
    asked = ("¿Cuándo están mis exámenes?", "¿Atienden niños?", "¿Qué llevan los niños?", "¿Y los niños en verano?")
    clinic = Keywords([replace(entry, id=str(n), question=one, variants=()) for n, one in enumerate(asked)])
    assert clinic.subjects == may_be_subjects("examen")
    assert clinic.names(may_be_subjects("un examen"), "0")
    assert "0" not in clinic.strangers(may_be_subjects("y los exámenes"), "1")
    assert keywords.subjects <= may_be_subjects("hora")


def test_two_words_narrow_the_choice(keywords: Keywords) -> None:
    assert "multas-pago" in keywords.named("pagar una multa")
    assert "multas-consulta" not in keywords.named("pagar una multa")


@pytest.mark.parametrize(
    "words", ["", "hola", "quiero saber algo", "elefante", "la licencia de mi hijo venció ayer en la tarde"]
)
def test_fillers_unknown_words_and_long_texts_name_nothing(keywords: Keywords, words: str) -> None:
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
def test_part_is_about_the_entry_named_by_its_rarest_words(keywords: Keywords, text: str, entry: str | None) -> None:
    assert keywords.most_named(content_stems(text), ("multas-consulta", "multas-pago", "vacuna")) == entry


def test_without_entries_no_entry_is_named(keywords: Keywords) -> None:
    assert keywords.most_named(content_stems("quiero pagar una multa"), ()) is None


@pytest.fixture
def threads_that_take_turns_often() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("threads_that_take_turns_often")
def test_concurrent_messages_do_not_mix_their_words() -> None:
    made_up = ["".join(parts) for parts in product("bdfg", "aeiou", "lmnrstz", "c", ENDINGS)]
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(content_stems, made_up))
    assert read == [{stem} for stem in snowballstemmer.stemmer("spanish").stemWords(made_up)]


@pytest.mark.parametrize(
    ("words", "named"), [("sacar licencia", {"licencia-primera"}), ("sacar patente", set()), ("pedir hora", set())]
)
def test_verb_narrows_the_choice_too(keywords: Keywords, words: str, named: set[str]) -> None:
    assert keywords.named(words) == named


CERTIFICATES = ("cert-antecedentes", "cert-nacimiento", "licencia-primera", "cert-matrimonio")


@pytest.mark.parametrize(
    ("words", "ids", "named"),
    [
        ("quiero sacar un certificado", CERTIFICATES, ("cert-antecedentes", "cert-nacimiento", "cert-matrimonio")),
        ("¿cómo obtengo certificados?", CERTIFICATES, ("cert-antecedentes", "cert-nacimiento", "cert-matrimonio")),
        (
            "oye, ahora quiero sacar un certificado",
            CERTIFICATES,
            ("cert-antecedentes", "cert-nacimiento", "cert-matrimonio"),
        ),
        ("sacar el certificado de antecedentes", CERTIFICATES, ()),
        ("obtener una patente", ("patente-comercial", "patente-comercial-pago"), ()),  # one alone is to be obtained
        ("sacar pasaporte", ("pasaporte", "cert-nacimiento"), ("pasaporte",)),
        ("sacar certificado", ("licencia-primera", "cert-antecedentes"), ("cert-antecedentes",)),
    ],
)
def test_kind_of_thing_names_all_entries_about_it(
    keywords: Keywords, words: str, ids: tuple[str, ...], named: tuple[str, ...]
) -> None:
    found = keywords.named_among(words, [Candidate(id, "¿?", 0.5) for id in ids], 3)
    assert [one.entry for one in found] == list(named)


def test_thing_that_only_the_likeliest_entry_is_about_names_it(keywords: Keywords) -> None:
    cartola, pasaporte = Candidate("rsh-cartola", "¿?", 0.2), Candidate("pasaporte", "¿?", 0.1)
    assert keywords.named_among("¿cómo pido la cartola?", (cartola, pasaporte), 3) == (cartola,)
    assert keywords.named_among("¿cómo pido la cartola?", (pasaporte, cartola), 3) == ()
    assert keywords.named_among("pedir la cartola de mi tía", (cartola,), 3) == ()
    assert keywords.named_among("pedir un elefante", (cartola,), 3) == ()


def test_entry_that_a_word_names_by_chance_is_not_offered(keywords: Keywords) -> None:
    candidates = (Candidate("matrimonio-hora", "¿?", 0.9), Candidate("vif", "¿?", 0.004))
    assert keywords.named("me quiero casar") >= {"matrimonio-hora", "vif"}
    assert keywords.named_among("me quiero casar", candidates, 3) == candidates[:1]


def test_entries_on_another_subject_that_no_word_names_are_strangers(keywords: Keywords) -> None:
    strangers = keywords.strangers(frozenset(), "multas-consulta")
    assert {"pasaporte", "horario-muni"} <= strangers
    assert strangers.isdisjoint({"multas-consulta", "multas-pago"})
    assert "pasaporte" not in keywords.strangers(content_stems("y el pasaporte"), "multas-consulta")
