"""Tests who cannot speak beside somebody who may do harm, and who is only among people."""

from __future__ import annotations

import pytest

from bot.core.texts import area
from bot.crisis.overheard import is_among_people, is_overheard, without_listeners
from bot.text.normalize import plain
from tests.rows import each_row


@each_row(
    "text",
    [
        "no puedo hablar, él está al lado",
        "no puedo hablar mi marido esta aqui",
        "no puedo hablar, está al lado mío",
        "no puedo llamar, me está mirando",
        "no puedo hablar por teléfono porque me escucha",
        "no puedo hablar, me están escuchando",
        "no puedo hablar, ella está en la pieza",
        "no puedo hablar, me escuchan mis compañeros y mi jefe me amenazó",
        "estoy en la micro, no puedo hablar, él me escucha",
        "no puedo llamar, mi compañero está en la casa y me escucha",
        "no me deja hablar, viene llegando mi pareja",
        "no puedo hablar con nadie, mi papá me escucha",
        "no puedo hablar, en el trabajo me escuchan y me tienen retenida",
        "no puedo hablar, me oyen los clientes, el dueño me obliga a trabajar",
        "no puedo hablar, me escuchan en la pega y me quitaron el carnet",
        "no puedo llamar, estoy en el metro, un gallo me muestra sus partes",
        "no puedo hablar, un colega me sigue a todas partes",
        "no puedo hablar, en reunión, mi supervisor me tocó",
    ],
)
def test_citizen_who_cannot_speak_beside_somebody_close_may_be_in_danger(text: str) -> None:
    assert is_overheard(text)


@each_row(
    "text",
    [
        "no puedo hablar, me escuchan mis compañeros",
        "no puedo hablar ahora, estoy en la pega y me escuchan los clientes",
        "estoy en la micro y me escucha toda la micro, no puedo hablar",
        "no puedo llamar porque mi guagua está durmiendo",
        "no puedo hablar, estoy en clases y me escucha todo el curso",
        "no puedo hablar, mi compañera de trabajo está al lado",
        "no puedo llamar, el local está cerca",
        "no puedo hablar, la ejecutiva no está aquí",
        "no puedo hablar, estoy en la oficina y el supervisor anda en terreno",
        "no puedo hablar por teléfono, ¿dónde denuncio que me robaron?",
        "me escuchan mis compañeros",
        "él está al lado",
    ],
)
def test_citizen_who_is_only_among_people_or_can_speak_is_in_no_danger(text: str) -> None:
    assert not is_overheard(text)


def test_phrases_about_people_nearby_are_written_as_they_are_compared() -> None:
    known = area("agency")["no_puede_hablar"]
    keys = ("al_lado", "cerca", "cercanos", "le_hacen", "sin_peligro", "lo_oyen", "no_habla")
    assert [one for key in keys for one in known[key] if plain(one) != one] == []


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("no puedo hablar, me escuchan mis compañeros. ¿Cómo saco hora al cesfam?", "como saco hora al cesfam"),
        ("no puedo hablar, me escuchan mis compañeros", ""),
    ],
)
def test_citizen_among_people_is_judged_by_their_other_words(text: str, rest: str) -> None:
    assert (is_among_people(text), without_listeners(text)) == (True, rest)


@pytest.mark.parametrize("text", ["no puedo hablar, me escucha", "no puedo hablar, él está con mis compañeros", "hola"])
def test_citizen_who_names_somebody_close_or_nobody_is_not_among_people(text: str) -> None:
    assert not is_among_people(text)
