"""Tests how the wordings of an entry are grouped by kind for its editor."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.core.texts import area, say
from bot.desk.editing.form import form_of
from bot.desk.editing.marking.kinds import Kind, WordingKinds
from bot.desk.editing.text import EntryText
from tests.faq_files import written

SPELLED = "¿Cómo renuevo la cédula? Saca una hora en el Registro Civil, lleva el carnet que venció y paga ahí mismo."


def kinds_of(variants: list[str], phrases: str = "", body: str = SPELLED) -> dict[Kind, list[str]]:
    form = form_of(EntryText(written("cedula", "¿Cómo renuevo la cédula?", variants), phrases))
    faq: Any = SimpleNamespace(entries=(SimpleNamespace(question="¿Cómo renuevo la cédula?", body=body),))
    return {kind: list(some) for kind, some in asyncio.run(WordingKinds(faq).of(form)).items()}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("renovar carnet", {Kind.SHORT}),
        ("como renuevo la cedula q bensio", {Kind.FAULTY}),
        ("como renuevo la cedula que vencio", set()),  # only the accents are missing
        ("La cédula que saca DIDECO se paga ahi", set()),  # an acronym, written carefully
        ("se me quedó la cartera en el taxi y no tengo cómo probar quién soy", {Kind.SITUATION}),
        ("ola se me bensio el carne y viajo mañana a lima", {Kind.FAULTY, Kind.SITUATION}),
        ("¿Qué hago si mi hijo perdió la cédula en el colegio?", set()),
        ("Quisiera saber si puedo renovar la cédula de mi madre", set()),
    ],
)
def test_wording_is_of_the_kinds_that_its_words_show(text: str, kinds: set[Kind]) -> None:
    found = kinds_of([text])
    assert {kind for kind, some in found.items() if text in some} == kinds


def test_citizens_wordings_are_those_that_an_editor_accepted_from_them() -> None:
    comment = say("entradas.frase_de_personas", quien="Ana", fecha="2026-11-20")
    phrases = f"me vence el carnet  # {comment}\nrenovar la cédula vencida  # Ana, desde la página\n"
    assert kinds_of(["sacar hora"], phrases)[Kind.CITIZENS] == ["me vence el carnet"]


def test_each_wording_stands_once_and_each_kind_has_its_words() -> None:
    found = kinds_of(["sacar hora", "pedir hora"], "sacar hora\n")
    assert found[Kind.SHORT] == ["sacar hora", "pedir hora"]
    words = area("entradas")["gente"]["tipos"]
    assert set(found) == set(words["nombres"]) == set(words["faltan"]) == set(Kind)
