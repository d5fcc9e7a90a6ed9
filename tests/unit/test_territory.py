"""Tests the commune's territory: which locations lie inside, and how mistakes in ``territorio`` are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.agency.model import Agency, load_agency
from bot.agency.territory import TerritoryFile
from bot.core.errors.contents import InvalidAgency
from bot.core.messages import Place
from tests.rows import each_row
from tests.unit.agency_file import changed

SQUARE = [[-33.2, -70.8], [-33.2, -70.7], [-33.3, -70.7], [-33.3, -70.8]]
HOLLOW = [[-33.2, -70.8], [-33.2, -70.7], [-33.3, -70.7], [-33.25, -70.75], [-33.3, -70.8]]


@pytest.mark.parametrize(("latitude", "inside"), [(-33.3, True), (-33.3898, True), (-33.3900, False), (-33.1, False)])
def test_circle_contains_near_points(latitude: float, inside: bool) -> None:
    ten_km = TerritoryFile.model_validate({"centro": [-33.3, -70.7], "radio_km": 10}).read()
    assert ten_km.holds(Place(latitude, -70.7)) == inside


@each_row("closed", [False, True])
@each_row(
    ("corners", "point", "inside"),
    [
        (SQUARE, (-33.25, -70.75), True),
        (SQUARE, (-33.25, -70.69), False),
        (SQUARE, (-33.31, -70.75), False),
        (HOLLOW, (-33.29, -70.75), False),
        (HOLLOW, (-33.22, -70.75), True),
        (list(reversed(HOLLOW)), (-33.22, -70.75), True),
    ],
)
def test_polygon_contains_points_inside_its_border(
    corners: list[list[float]], point: tuple[float, float], inside: bool, closed: bool
) -> None:
    written = [*corners, corners[0]] if closed else corners
    assert TerritoryFile.model_validate({"poligono": written}).read().holds(Place(*point)) == inside


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"centro": [-33.3, -70.7]}, "escribe centro y radio_km, o sólo poligono"),
        ({}, "escribe centro y radio_km"),
        ({"poligono": SQUARE, "radio_km": 3}, "o sólo poligono"),
        ({"centro": [-70.7, -33.3], "radio_km": 3}, "primero va la latitud y después la longitud"),
        ({"centro": "-33.3, -70.7", "radio_km": 3}, "no es un punto; escribe [latitud, longitud]"),
        ({"poligono": SQUARE[:2]}, "necesita entre 3 y 500 puntos, y tiene 2"),
        ({"poligono": [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]}, "el polígono se cruza cerca de"),
    ],
)
def test_mistake_is_reported_with_a_message(tmp_path: Path, written: dict[str, object], expected: str) -> None:
    with pytest.raises(InvalidAgency) as wrong:
        load_agency(changed(tmp_path, territorio=written))
    assert str(wrong.value.facts["field"]).startswith("territorio")
    assert expected in str(wrong.value.facts["problem"])


def test_territory_is_optional(tmp_path: Path) -> None:
    assert load_agency(changed(tmp_path, territorio=None)).territory is None


def test_demo_agency_has_a_territory(agency: Agency) -> None:
    assert agency.territory is not None
    assert agency.territory.holds(Place(-33.25, -70.77))
    assert not agency.territory.holds(Place(-33.45, -70.66))


def test_territory_needs_the_commune_that_it_is_of(tmp_path: Path) -> None:
    with pytest.raises(InvalidAgency, match="territorio necesita comuna"):
        load_agency(changed(tmp_path, comuna="", territorio={"centro": [-33.45, -70.66], "radio_km": 5}))
