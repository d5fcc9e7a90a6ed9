"""Tests the segments that agency.yml selects for the figures, and how known facts are assigned to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.figure_settings import MOST_SEGMENTS, FiguresFile
from bot.agency.model import load_agency
from bot.core.errors.contents import InvalidAgency
from bot.figures.segments import segments_of
from tests.unit.agency_file import changed

PUBLICS = {
    "edad-mayor": {"pregunta": "¿Cuál es tu caso?", "opciones": {"mayor": "Tengo 60 o más", "menor": "Tengo menos"}}
}
SEGMENTS = {"segmentos": ["edad-mayor", "comuna", "idioma", "vuelve"]}


def test_segments_have_names_and_a_closed_list_of_values(tmp_path: Path) -> None:
    agency = load_agency(changed(tmp_path, publicos=PUBLICS, cifras=SEGMENTS))
    named = {one.name: list(one.values.values()) for one in agency.figure_segments}
    assert named == {
        "Edad mayor": ["Tengo 60 o más", "Tengo menos"],
        "Comuna": ["Los Aromos", "Otra comuna"],
        "Idioma": ["Español, o no se reconoció otro", "Inglés", "Portugués", "Creole haitiano", "Francés"],
        "Si ya había escrito": ["Primera vez", "Ya había escrito"],
    }
    assert agency.published_segments == ()


def test_communes_that_the_agency_asks_for_are_added(tmp_path: Path) -> None:
    asked = {"comuna": {"pregunta": "¿De qué comuna eres?", "opciones": {"el-boldo": "El Boldo"}}}
    agency = load_agency(changed(tmp_path, publicos=asked, cifras={"segmentos": ["comuna"]}))
    assert list(agency.figure_segments[0].values) == ["los-aromos", "otra-comuna", "el-boldo"]


def test_agency_without_a_commune_compares_those_from_elsewhere(tmp_path: Path) -> None:
    agency = load_agency(changed(tmp_path, comuna="", territorio=None, cifras={"segmentos": ["comuna"]}))
    assert list(agency.figure_segments[0].values) == ["otra-comuna"]


def test_no_fact_is_a_segment_unless_the_agency_chooses_it() -> None:
    assert FiguresFile().read({}, home=None) == ()  # type: ignore[arg-type]


def test_segments_are_published_only_if_the_agency_chooses_it(tmp_path: Path) -> None:
    agency = load_agency(changed(tmp_path, cifras={"segmentos": ["comuna"], "publicar_segmentos": True}))
    assert agency.published_segments == ("comuna",)


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (["barrio"], "no conozco «barrio»"),
        (["comuna", "comuna"], "«comuna» está dos veces"),
        (["comuna", "idioma", "vuelve", "edad-mayor", "otro"], f"pon {MOST_SEGMENTS} o menos"),
    ],
)
def test_mistake_in_the_segments_is_reported(tmp_path: Path, segments: list[str], said: str) -> None:
    with pytest.raises(InvalidAgency, match=said):
        load_agency(changed(tmp_path, publicos=PUBLICS, cifras={"segmentos": segments}))


@pytest.mark.parametrize(
    ("known", "is_first", "expected"),
    [
        ({}, True, {"idioma": "es", "vuelve": "primera"}),
        (
            {"idioma": "ht", "comuna": "los-aromos"},
            False,
            {"idioma": "ht", "comuna": "los-aromos", "vuelve": "otra-vez"},
        ),
        ({"edad-mayor": "mayor", "otro": "x"}, True, {"edad-mayor": "mayor", "idioma": "es", "vuelve": "primera"}),
        ({"comuna": "Rosa, El Boldo 12", "idioma": "xx"}, True, {"vuelve": "primera"}),
    ],
)
def test_known_fact_outside_the_list_is_unknown(
    tmp_path: Path, known: dict[str, str], is_first: bool, expected: dict[str, str]
) -> None:
    agency = load_agency(changed(tmp_path, publicos=PUBLICS, cifras=SEGMENTS))
    assert segments_of(agency.figure_segments, known, is_first=is_first) == expected
