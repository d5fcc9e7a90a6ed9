"""Tests the search of the public pages, on small entries and on the demo's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from bot.channels.web.answers.search import Search
from bot.core.settings import ROOT
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from tests.faq_entry import BASE
from tests.rows import each_row

HOLE = replace(BASE, question="¿Cómo aviso de un hoyo?", variants=("hay un forado en mi calle",))
LICENCE = replace(
    BASE,
    id="licencia",
    question="¿Cómo renuevo mi licencia de conducir?",
    variants=("se me venció el carnet de manejar",),
    topic="transito",
)


@cache
def demo() -> Sequence[Entry]:
    """Returns the demo's entries; loaded on demand, because every test process imports every test module."""
    return load_folder(ROOT / "data" / "faq", None).entries


def found(words: str, *entries: object) -> list[str]:
    return [entry.id for entry in Search().find(words, entries or (HOLE, LICENCE))]  # type: ignore[arg-type]


@each_row(
    ("words", "ids"),
    [
        ("licencia", ["licencia"]),
        ("LICÉNCIAS", ["licencia"]),
        ("kiero renobar la lisensia", ["licencia"]),
        ("lisenzia d kondusir", ["licencia"]),
        ("lecincia", ["licencia"]),  # two letters swapped
        ("carnet", ["licencia"]),  # only in a variant
        ("hoyo calle", ["bache"]),
        ("transito", ["licencia"]),  # the topic
        ("zzzqqq", []),
        ("z", []),
        ("?!", []),
        ("", []),
    ],
)
def test_words_are_found_however_they_are_spelled(words: str, ids: list[str]) -> None:
    assert found(words) == ids


def test_question_outranks_the_body_and_near_answers_follow_few() -> None:
    permit = replace(BASE, id="permiso", question="¿Cómo pago el permiso?", body="Con tu licencia de conducir.")
    assert found("renovar licencia", permit, HOLE, LICENCE) == ["licencia", "permiso"]


def test_word_of_a_question_is_not_looked_for_in_other_answers() -> None:
    permit = replace(BASE, id="permiso", question="¿Cómo pago el permiso?", body="Con tu licencia de conducir.")
    assert found("licencia", permit, HOLE, LICENCE) == ["licencia"]
    assert found("licencia", permit, HOLE) == ["permiso"]


def test_questions_with_the_word_are_enough_if_there_are_some() -> None:
    assert set(found("licencia", *demo())) == {"licencia-hora", "licencia-primera", "licencia-renovar"}


def test_word_that_sounds_like_a_filler_is_looked_for() -> None:
    dogs = found("perro", *demo())
    assert dogs[0] == "perros-denuncia" and len(dogs) < len(demo()) / 4 and "pasaporte" not in dogs


def test_words_without_content_do_not_count() -> None:
    assert found("¿cómo es lo del hoyo?") == found("hoyo") == ["bache"]


def test_edited_entry_is_found_by_its_new_words() -> None:
    search = Search()
    assert search.find("piscina", [HOLE]) == []
    assert search.find("piscina", [replace(HOLE, body="Frente a la piscina.")]) != []


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("castrar perrita", "mascota-esterilizacion"),
        ("basuraa", "basura-horario"),
        ("pasaprote", "pasaporte"),
        ("un oyo gigante", "bache"),
        ("jardin infantil", "jardin"),
        ("carnet de manejar vencido", "licencia-renovar"),
        ("orario de la muni", "horario-muni"),
    ],
)
def test_demo_answer_comes_first(words: str, first: str) -> None:
    assert found(words, *demo())[0] == first
