"""Tests which messages tell of a recent loss, and that they get a word of sympathy above the reply."""

from __future__ import annotations

from bot.text.mourning import mourns
from tests.rows import each_row


@each_row(
    "text",
    [
        "se me murió mi mamá ayer, no sé qué hacer",
        "mi abuelito falleció el lunes en el hospital",
        "Falleció recién mi señora",
        "mi perro se murió y no sé dónde dejarlo",
        "se me murió mi guagua, nació muerta",
    ],
)
def test_recent_death_is_mourned(text: str) -> None:
    assert mourns(text)


@each_row(
    "text",
    [
        "mi papá murió hace 10 años y quiero la herencia",
        "certificado de defunción de mi abuelo que murió en 1990",
        "¿qué pasa si se muere mi papá?",
        "me muero de risa",
        "perdí mi carnet",
        "perdí a mi mamá en el centro, tiene alzheimer",
        "no murió mi mamá",
        "el Papa falleció hoy, ¿abren el lunes?",
        "mi mamá murió hace tiempo",
        "mi esposo murió el 98",
        "hay un perro muerto en la calle",
        "murió el celular",
    ],
)
def test_other_losses_and_deaths_long_ago_are_not(text: str) -> None:
    assert not mourns(text)
