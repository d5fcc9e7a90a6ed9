"""Builds map links for shared positions; the server itself sends no request to the map."""

from __future__ import annotations

from bot.core.messages import Place

MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"


def map_url(place: Place) -> str:
    """Returns the URL of a map with a marker at the position."""
    return MAP.format(lat=f"{place.latitude:.6f}", lon=f"{place.longitude:.6f}")
