"""Tests the answer to a waiting citizen's question about the opening hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.agency.model import Agency
from bot.handoff.open_now import HoursAnswer, asks_for_hours

CHILE = ZoneInfo("America/Santiago")


@pytest.mark.parametrize(
    "text",
    [
        "¿qué hora abren?",
        "a que hora abren los lunes?",
        "a que hora abren",
        "están atendiendo hoy?",
        "hasta qué hora atienden",
        "Hola, ¿cuál es el horario de la muni?",
        "atienden los sabados?",
        "¿trabajan hoy?",
        "¿hay atención mañana?",
    ],
)
def test_question_about_the_hours(text: str) -> None:
    assert asks_for_hours(text)


@pytest.mark.parametrize(
    "text",
    [
        "¿a qué hora abre el CESFAM?",
        "horario de la basura",
        "hola",
        "",
        "no me atienden hace dos días",
        "nadie abre la reja",
        "trabajan muy lento",
    ],
)
def test_question_about_other_hours_is_left_to_the_entries(text: str) -> None:
    assert not asks_for_hours(text)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2026, 11, 25, 10, tzinfo=CHILE), "Ahora está abierto."),
        (datetime(2026, 11, 25, 23, tzinfo=CHILE), "Ahora está cerrado; abrimos mañana a las 08:30."),
    ],
)
async def test_answer_names_the_week_and_whether_it_is_open_now(agency: Agency, now: datetime, end: str) -> None:
    text = await HoursAnswer(agency)("¿qué hora abren?", now)
    assert text.splitlines()[1:4] == [
        "- lunes a jueves: de 08:30 a 14:00 y de 15:00 a 17:30",
        "- viernes: de 08:30 a 14:00 y de 15:00 a 16:30",
        "- sábado a domingo: cerrado",
    ]
    assert text.strip().endswith(end)
