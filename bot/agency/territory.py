"""Reads the section ``territorio`` of agency.yml and tests whether a location lies in the agency's commune.

Locations are compared in this process and never sent to another service.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.core.messages import Place

EARTH_KM = 6371.0
# Bounds of Chile including its islands; a point outside them probably has its coordinates swapped.
LATITUDES, LONGITUDES = (-56.6, -17.4), (-110.0, -66.0)
MIN_CORNERS, MAX_CORNERS = 3, 500
ELSEWHERE = "otra-comuna"  # the ``comuna`` of a citizen outside the territory; no FAQ entry has it

Point = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True)
class Territory:
    """The agency's territory: a polygon if it has ``corners``, else a circle around ``centre`` with ``radius_km``."""

    centre: Point = (0.0, 0.0)
    radius_km: float = 0.0
    corners: tuple[Point, ...] = ()

    def holds(self, place: Place) -> bool:
        """Returns whether ``place`` lies in the territory."""
        point = (place.latitude, place.longitude)
        return _inside(point, self.corners) if self.corners else _distance_km(point, self.centre) <= self.radius_km


def _point(raw: object) -> object:
    if not isinstance(raw, list | tuple) or len(raw) != 2 or not all(is_number(one) for one in raw):
        raise ValueError(f"«{raw}» no es un punto; escribe [latitud, longitud], por ejemplo [-33.45, -70.66]")
    latitude, longitude = raw
    if not (LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]):
        raise ValueError(f"[{latitude}, {longitude}] no está en Chile; primero va la latitud y después la longitud")
    return float(latitude), float(longitude)


def is_number(value: object) -> bool:
    """Returns whether a value of agency.yml is a number; ``True`` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


PointFile = Annotated[Point, BeforeValidator(_point)]


class TerritoryFile(BaseModel):
    """The section ``territorio`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    centro: PointFile | None = None
    radio_km: float | None = Field(default=None, gt=0, le=1000)
    poligono: list[PointFile] | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> TerritoryFile:
        circle = [self.centro is not None, self.radio_km is not None]
        if self.poligono is not None and not any(circle):
            if problem := _polygon_problem(self.poligono):
                raise ValueError(problem)
        elif self.poligono is not None or not all(circle):
            raise ValueError("escribe centro y radio_km, o sólo poligono")
        return self

    def read(self) -> Territory:
        if self.poligono is not None:
            return Territory(corners=_open(self.poligono))
        facts: dict[str, Any] = {"centre": self.centro, "radius_km": self.radio_km}
        return Territory(**facts)


def _open(corners: list[Point]) -> tuple[Point, ...]:
    """Removes the last corner if it repeats the first, as in polygons that map tools export."""
    return tuple(corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners)


def _polygon_problem(written: list[Point]) -> str:
    corners = _open(written)
    if not MIN_CORNERS <= len(corners) <= MAX_CORNERS:
        return f"el polígono necesita entre {MIN_CORNERS} y {MAX_CORNERS} puntos, y tiene {len(corners)}"
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    for (first, one), (second, other) in combinations(enumerate(sides), 2):
        not_adjacent = second - first not in {1, len(sides) - 1}
        if not_adjacent and _cross(one, other):
            return f"el polígono se cruza cerca de {list(other[0])}; escribe los puntos en orden, dando la vuelta"
    return ""


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    return _turns_apart(one, other) and _turns_apart(other, one)


def _turns_apart(line: tuple[Point, Point], ends: tuple[Point, Point]) -> bool:
    """Returns whether the two ``ends`` lie on different sides of the ``line``."""
    (x, y), (u, v) = line
    sides = [(u - x) * (b - y) - (v - y) * (a - x) for a, b in ends]
    return sides[0] * sides[1] < 0


def _inside(point: Point, corners: tuple[Point, ...]) -> bool:
    """Returns whether ``point`` lies in the polygon, by ray casting.

    A ray to the east crosses the border an odd number of times if the point is inside.
    """
    latitude, longitude = point
    inside = False
    for (y, x), (v, u) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y > latitude) != (v > latitude) and longitude < (u - x) * (latitude - y) / (v - y) + x:
            inside = not inside
    return inside


def _distance_km(one: Point, other: Point) -> float:
    """Computes the distance along the Earth's surface with the haversine formula."""
    (latitude, longitude), (other_latitude, other_longitude) = (map(radians, one), map(radians, other))
    longitude_term = cos(latitude) * cos(other_latitude) * sin((longitude - other_longitude) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, sin((latitude - other_latitude) / 2) ** 2 + longitude_term)))
