"""Tests the names of the public lists, and names that no list knows beside one that a list knows."""

from __future__ import annotations

import pytest

from bot.text.masking.known_names import MORE, is_given, is_surname
from bot.text.masking.masking import masked
from tests.faq_files import ROOT
from tests.rows import each_row


def test_names_of_the_registry_and_of_the_census_are_known_and_words_that_sound_so_are_not() -> None:
    assert all(map(is_given, ("Audilio", "Betsabé", "Kiomara", "Yeraldin", "Felicinda", "Ninoshka")))
    assert all(map(is_surname, ("Abaunza", "Zazueta", "Tarazona", "Mogrovejo", "Careaga")))
    assert not [one for one in ("uber", "yaris", "linda", "bella", "francia", "humilde") if is_given(one)]


@pytest.mark.parametrize("name", MORE.values())
def test_lists_are_sorted_without_repeats(name: str) -> None:
    written = (ROOT / "bot" / "text" / "masking" / name).read_text(encoding="utf-8").split()
    assert written == sorted(set(written))
    assert len(written) > 3000


def test_unknown_word_before_known_surnames_is_one_name() -> None:
    assert masked("vino con Wilkelmar Paredes Urrutia ayer") == "vino con •••• ayer"


@each_row(
    ("written", "shown"),
    [
        ("vino con Wilkelmar Paredes ayer", "vino con •••• ayer"),
        ("PAREDES SOTO, NELSON", "••••"),
        ("Cárcamo Oyarzo, Nelson.", "••••."),
        ("Rut 11920653-7, Ruperta, de la villa", "Rut ••••, ••••, de la villa"),
        ("pregunten por el Edo", "pregunten por el ••••"),
        ("chao, la Vane", "chao, la ••••"),
        ("Att. Yorbelis", "Att. ••••"),
        ("Saludos, Yorbelis C.", "Saludos, ••••."),
        ("de parte de Yorbelis", "de parte de ••••"),
        ("mi marido se llama dieunel", "mi marido se llama ••••"),
        ("a nombre de yorbelis colmenares", "a nombre de ••••"),
        ("Audilio fica mora necesita su bono", "•••• necesita su bono"),
        ("la cajera Yorbelis", "la cajera ••••"),
    ],
)
def test_name_of_an_unknown_word_is_masked(written: str, shown: str) -> None:
    assert masked(written) == shown


@each_row(
    "written",
    [
        "compré un vuelo a Punta Arenas para mayo",
        "cierran en Semana Santa",
        "Ciudad Satélite Paredes",
        "el Semáforo Castro",
        "Macul Peñalolén, Florida",
        "de parte de Dideco",
        "la cajera Central",
        "se llama plaza rojas",
        "soy jefa de hogar",
        "la vecina grita flores en la noche",
        "Marcela mora",
        "la vecina Denuncia ruidos",
        "me dejó con la guagua esperando pa inscribirme",
    ],
)
def test_place_office_or_ordinary_word_is_left(written: str) -> None:
    assert masked(written) == written
