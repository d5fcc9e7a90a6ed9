"""Tests which words deny harm or only fear it, and which signs of harm beside them count."""

from __future__ import annotations

import pytest

from bot.crisis.emergency import tells_no_harm
from bot.crisis.unharmed import Unharmed
from bot.text.emergency_fold import fold
from tests.rows import each_row


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("medica", "chocaron dos autos en la esquina, nadie salió herido, ¿a quién le aviso?"),
        ("medica", "un camión chocó el semáforo, no hay lesionados"),
        ("medica", "se volcó un camión con arena, sin heridos"),
        ("medica", "van a atropellar a alguien en ese cruce"),
        ("medica", "con esos cables alguien se va a electrocutar"),
        ("incendio", "se nos va a quemar el cerco con el pasto seco"),
        ("incendio", "no vaya a ser que se quemen las casas por el pastizal"),
        ("incendio", "se incendió el contenedor, ya lo apagaron"),
    ],
)
def test_harm_that_is_denied_or_feared_is_none(kind: str, text: str) -> None:
    assert tells_no_harm(kind, text)


@each_row(
    ("kind", "text"),
    [
        ("medica", "chocaron dos autos, nadie salió herido pero un conductor no se puede mover"),
        ("medica", "choque sin heridos, pero el chofer está convulsionando"),
        ("medica", "no pasó nada grave decía, y ahora no responde"),
        ("medica", "nadie salió herido, mi hijo quedó raro"),
        ("medica", "chocaron y hay un herido"),
        ("incendio", "se va a quemar la casa, hay humo"),
        ("incendio", "se va a quemar el cerco, el fuego viene por el pasto"),
        ("incendio", "mi ex va a quemar la casa"),
        ("gas", "va a explotar el balón, está silbando"),
        ("incendio", "hay un incendio en el cerro y se nos va a quemar la casa"),
        ("incendio", "se quema la casa del vecino y se nos va a quemar la mía"),
        ("incendio", "se incendia la bodega, se van a quemar las casas"),
        ("incendio", "ya lo apagaron pero se volvió a prender"),
        ("incendio", "se va a quemar la casa, dejé la olla puesta"),
        ("medica", "se va a ahogar un niño en el río"),
        ("medica", "se va a electrocutar un niño, está tocando el cable"),
        ("medica", "van a atropellar a una persona"),
        ("medica", "se tomó una botella de parafina, no le pasó nada"),
        ("medica", "salimos todos bien, mi nieto está debajo del auto"),
        ("medica", "chocaron, no hay heridos pero una señorita rompió bolsa"),
        ("medica", "se le cierra la garganta, nada grave"),
        ("medica", "me caí de la escalera, no me pasó nada pero no siento las piernas"),
        ("incendio", "se va a quemar mi casa"),
        ("medica", "chocaron dos buses, no hay muertos"),
        ("medica", "chocaron, sin lesionados en la micro, el otro quedó herido"),
        ("medica", "se electrocutó un maestro, no pasó a mayores"),
        ("medica", "se atragantó, no le pasó nada"),
        ("medica", "cayó una avioneta, no hay heridos en tierra"),
        ("medica", "choque grave en la esquina"),
        ("medica", "hay un ciclista grave"),
        ("violencia", "nadie salió herido"),
        ("suicidio", "no me pasó nada, se va a quemar todo"),
    ],
)
def test_sign_of_harm_or_another_kind_counts(kind: str, text: str) -> None:
    assert not tells_no_harm(kind, text)


def test_sign_of_harm_within_the_words_that_deny_it_does_not_count() -> None:
    unharmed = Unharmed.from_file({"medica": ["sin heridos"], "salvo": ["heridos|sangre"], "contrasta": ["pero"]}, {})
    texts = ("choque sin heridos", "choque sin heridos, hay sangre", "choque")
    assert [unharmed.tells("medica", fold(one)) for one in texts] == [True, False, False]
    contrasts = ("hubo un choque pero sin heridos", "choque sin heridos, pero el bus se fue al agua")
    assert [unharmed.tells("medica", fold(one)) for one in contrasts] == [True, False]
    assert not unharmed.tells("gas", fold("sin heridos"))
