"""Tests how the utterances of an entry are grouped by kind for its editor."""

from __future__ import annotations

from bot.core.texts import area, say
from bot.desk.editing.form import Form, form_of
from bot.desk.editing.marking.kinds import Kind, kinds_of
from bot.desk.editing.text import EntryText
from tests.faq_files import written

LONG = "se me quedó la cartera en el taxi y no tengo cómo probar quién soy"


def form(variants: list[str], phrases: str = "") -> Form:
    return form_of(EntryText(written("cedula", "¿Cómo renuevo la cédula?", variants), phrases))


def test_short_and_long_utterances_are_grouped_by_their_words() -> None:
    found = kinds_of(form(["renovar carnet", "como renuevo la cedula vencida", LONG]))
    assert found == {Kind.SHORT: ["renovar carnet"], Kind.LONG: [LONG], Kind.CITIZENS: []}


def test_citizens_utterances_are_those_that_an_editor_accepted_from_them() -> None:
    comment = say("entradas.frase_de_personas", quien="Ana", fecha="2026-11-20")
    phrases = f"me vence el carnet  # {comment}\nrenovar la cédula vencida  # Ana, desde la página\n"
    assert kinds_of(form(["sacar hora"], phrases))[Kind.CITIZENS] == ["me vence el carnet"]


def test_each_utterance_stands_once_and_each_kind_has_its_words() -> None:
    found = kinds_of(form(["sacar hora", "pedir hora"], "sacar hora\n"))
    assert found[Kind.SHORT] == ["sacar hora", "pedir hora"]
    words = area("entradas")["gente"]["tipos"]
    assert set(found) == set(words["nombres"]) == set(words["faltan"]) == set(Kind)
