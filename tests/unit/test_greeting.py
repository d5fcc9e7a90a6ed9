"""Tests that a greeting before a question is removed and a greeting alone stays."""

from __future__ import annotations

import pytest

from bot.turns.greeting import without_greeting


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("hola como renuevo el carnet", "como renuevo el carnet"),
        ("Hola, buenas tardes, ¿cómo renuevo mi licencia?", "¿cómo renuevo mi licencia?"),
        ("hola\nuna consulta\ncómo renuevo la licencia", "cómo renuevo la licencia"),
        ("ola kiero acer una consulta como saco el carnet", "como saco el carnet"),
        ("holaaa buenas noches una consulta sobre el permiso", "sobre el permiso"),
        ("buenas\nnecesito ayuda\nse me vencio la licencia", "se me vencio la licencia"),
        ("Estimados, espero que estén bien. ¿Dónde pago?", "¿Dónde pago?"),
        ("Buenas tardes señorita, me podría ayudar? necesito patente", "necesito patente"),
        ("hola me llamo Ana Pérez necesito hora", "necesito hora"),
        ("hola que tal necesito renovar", "necesito renovar"),
        ("hola, una duda: ¿cuánto vale?", "¿cuánto vale?"),
        ("oiga disculpe la molestia, la basura", "la basura"),
        ("hola!\nlicencia\nvencida", "licencia\nvencida"),
        ("hola tengo una consulta se me perdió el perro", "se me perdió el perro"),
        ("hola gracias", "gracias"),
    ],
)
def test_question_after_a_greeting_remains(written: str, asked: str) -> None:
    assert without_greeting(written) == asked


@pytest.mark.parametrize(
    "written",
    [
        "hola",
        "Hola, ¿hay alguien?",
        "hola como estas",
        "muy buenos días para ustedes",
        "aló, hay alguien por acá?",
        "buenas, cómo va todo",
        "buenas tardes, tengo una consulta",
        "hola 👋",
        "hola\nbuenas\nnecesito ayuda",
        "necesito una consulta dental",
        "ayuda económica",
        "necesito ayuda social",
        "ola de calor en la comuna",
        "olimpiadas",
        "cómo está el trámite",
        "¿Cómo renuevo mi licencia?",
        "",
        "🙂",
    ],
)
def test_greeting_alone_and_bare_question_stay_unchanged(written: str) -> None:
    assert without_greeting(written) == written
