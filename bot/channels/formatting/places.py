"""Links a shared position to a map; the server itself asks the map for nothing."""

from __future__ import annotations

from bot.core.messages import Place

MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"


def map_url(place: Place) -> str:
    """Returns the address of a map with a mark on the position."""
    return MAP.format(lat=f"{place.latitude:.6f}", lon=f"{place.longitude:.6f}")
