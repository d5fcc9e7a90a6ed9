"""Tests which utterances of an entry are marked, and the texts for their editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI, Request

from bot.core.messages import RecognizedDanger
from bot.core.network import ActionsEndpoint
from bot.desk.editing.form import Form, form_of
from bot.desk.editing.marking.dangers import UtteranceDangers
from bot.desk.editing.marking.marks import marks_of
from bot.desk.editing.text import EntryText
from bot.faq.entries.folder import load_folder
from tests.desk_world import served
from tests.faq_files import write_folder, written

FIRE = "se está quemando mi casa"


def form(*variants: str, phrases: str = "") -> Form:
    return form_of(EntryText(written("poda", "¿Quién poda?", variants), phrases))


def marks(
    shown: Form, tmp_path: Path, dangers: dict[str, RecognizedDanger] | None = None
) -> list[tuple[str, str, str, str]]:
    published = load_folder(write_folder(tmp_path), None).entries
    return [(one.field, one.text, one.message, one.path) for one in marks_of(shown, published, dangers or {})]


def test_utterance_that_stands_twice_is_marked_at_its_second_place(tmp_path: Path) -> None:
    shown = form("podar un árbol", "¿Quién poda?", phrases="otra\nPODAR UN ARBOL  # Ana\n")
    assert marks(shown, tmp_path) == [
        ("variantes", "¿Quién poda?", "Es igual a la pregunta.", ""),
        ("frases", "PODAR UN ARBOL", "Está dos veces en esta respuesta: «podar un árbol».", ""),
    ]


def test_only_utterance_may_be_the_question(tmp_path: Path) -> None:
    assert marks(form("¿Quién poda?"), tmp_path) == []


def test_utterance_of_another_entry_names_it_but_not_one_of_its_own_id(tmp_path: Path) -> None:
    other = next(one for one in load_folder(write_folder(tmp_path), None).entries if one.id == "bache")
    shown = form(other.variants[0].upper())
    assert marks(shown, tmp_path) == [
        ("variantes", other.variants[0].upper(), "También es de otra respuesta.", other.path)
    ]
    assert marks(replace(shown, fields={**shown.fields, "id": "bache"}), tmp_path) == []


@pytest.mark.parametrize(
    ("sure", "begins"),
    [(True, "Se toma por una emergencia (salud):"), (False, "Podría contar una emergencia (salud):")],
)
def test_dangerous_utterance_names_its_kind(tmp_path: Path, sure: bool, begins: str) -> None:
    (mark,) = marks(form("me ahogo", "podar"), tmp_path, {"me ahogo": RecognizedDanger("medica", sure)})
    assert (mark[1], mark[2].startswith(begins)) == ("me ahogo", True)


async def test_phrases_and_the_classifier_find_the_dangers() -> None:
    app, asked = FastAPI(), []

    @app.post("/dangers")
    async def _dangers(request: Request) -> dict[str, list[dict[str, object] | None]]:
        asked.extend((await request.json())["texts"])
        return {"dangers": [{"kind": "gas", "sure": False} if text == "huele raro" else None for text in asked]}

    async with served(app) as url:
        found = await UtteranceDangers(ActionsEndpoint(url)).of([FIRE, "huele raro", "podar"])
    assert found == {FIRE: RecognizedDanger("incendio", True), "huele raro": RecognizedDanger("gas", False)}
    assert asked == ["huele raro", "podar"]


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9"])
async def test_without_the_action_server_the_phrases_decide(url: str) -> None:
    found = await UtteranceDangers(ActionsEndpoint(url)).of([FIRE, "podar"])
    assert found == {FIRE: RecognizedDanger("incendio", True)}
