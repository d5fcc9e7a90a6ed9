"""Tests the advice on plain language: syllables, sentences, score and notes."""

from __future__ import annotations

from datetime import date

import pytest

from bot.faq.clarity.advice import Clarity, clarity_of
from bot.faq.clarity.sentences import sentences_in
from bot.faq.clarity.syllables import syllables
from tests.rows import each_row

TODAY = date(2026, 11, 27)


@each_row(
    ("word", "count"),
    [
        ("sol", 1), ("casa", 2), ("pago", 2), ("municipalidad", 6), ("día", 2), ("había", 3), ("aéreo", 4),
        ("ciudad", 2), ("país", 2), ("leíais", 3), ("queso", 2), ("guitarra", 3), ("pingüino", 3), ("agua", 2),
        ("hoy", 1), ("muy", 1), ("y", 1), ("uruguayo", 4), ("prohibir", 2), ("vehículo", 4), ("ahora", 3),
        ("búho", 2), ("huevo", 2), ("cuidado", 3), ("oeste", 3), ("construir", 2), ("averiguáis", 4), ("trámite", 3),
        ("SII", 1), ("BCG", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_sentences_are_those_that_a_person_reads() -> None:
    body = """**Costo:** son $ 12.500. Pagas en [la caja](https://x.cl/a.b), con el Sr. Soto o en Av. Brasil 3.

- el permiso anterior;
- la revisión
¿Dudas? Escribe a ana@x.cl. 12.000."""
    assert [one.text for one in sentences_in(body)] == [
        "Costo: son $ 12.500.",
        "Pagas en la caja, con el Sr. Soto o en Av. Brasil 3.",
        "el permiso anterior;",
        "la revisión",
        "¿Dudas?",
        "Escribe a",
    ]


def of(body: str, **more: date) -> Clarity:
    return clarity_of(body, TODAY, **more)


def codes(body: str, **more: date) -> list[str]:
    return [one.code for one in of(body, **more).notes]


def test_plain_answer_scores_higher_than_an_official_one() -> None:
    plain = of("Paga en la caja. Lleva tu carnet. Es gratis.")
    official = of(
        "La tramitación del procedimiento administrativo correspondiente requerirá obligatoriamente la presentación "
        "de la documentación identificatoria individualizada precedentemente."
    )
    assert (plain.level, plain.notes) == ("muy_facil", ())
    assert (official.score, official.level) == (0, "muy_dificil")
    assert of("") == Clarity(0, "", ())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("palabra " * 26, "larga"),
        ("El permiso es entregado por la unidad.", "pasiva"),
        ("Las multas serán resueltas por el juez.", "pasiva"),
        ("NO SE ATIENDE sin hora.", "gritada"),
        ("¡Ven ya!!", "gritada"),
        ("Lo da la OIRS.", "sigla"),
        ("Tienes hasta el 3 de marzo de 2025.", "fecha_pasada"),
        ("Tienes hasta el 31/03/2027.", "fecha_sin_vence"),
        ("El valor de este año es otro.", "pasa"),
    ],
)
def test_each_kind_of_advice_is_recognized(body: str, code: str) -> None:
    assert codes(body) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "palabra " * 25,
        "Es válido por dos años y es demasiado simple.",
        "Es un pasaje privado.",
        "Lo da la Oficina de Informaciones (OIRS). La OIRS abre a las 9.",
        "La OIRS (oficina de informaciones) abre a las 9.",
        "Con tu RUT bajas el PDF.",
        "Hasta el 31 de marzo de cada año.",
        "El 45 de nada de 2027.",
    ],
)
def test_clear_sentences_get_no_advice(body: str) -> None:
    assert codes(body) == []


def test_date_that_the_entry_does_not_outlive_is_fine() -> None:
    assert codes("Hasta el 31 de marzo de 2027.", expires=date(2027, 3, 31)) == []
    assert codes("Hasta el 31 de marzo de 2027.", expires=date(2027, 12, 31)) == ["fecha_sin_vence"]
    assert codes("Este año es gratis.", expires=date(2026, 12, 31)) == []


def test_acronym_is_reported_once_and_the_sentence_unchanged() -> None:
    (note,) = of("Ve a la **DOM**. La DOM abre temprano.").notes
    assert (note.code, note.sentence, note.facts) == ("sigla", "Ve a la **DOM**.", {"sigla": "DOM"})


@each_row("text", ["á", "[", "a@", "A ", "!", "a.", "es ado", "(", "www.", "SII DOM. "])
def test_any_text_is_read(text: str) -> None:
    assert 0 <= of(text * 4_000).score <= 100
