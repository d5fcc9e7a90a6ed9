"""Builds links to a map for shared positions; the server itself sends no request to the map service."""

from __future__ import annotations

from bot.agency.offices import ADDRESS, OPENSTREETMAP
from bot.core.messages import Place

MARKED = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"


def map_url(place: Place, template: str = OPENSTREETMAP) -> str:
    """Returns the URL that shows the position on the map of agency.yml (``mapa``); '' if there is none.

    OpenStreetMap shows a marker at the position; any other map gets the position in place of an address.
    """
    lat, lon = f"{place.latitude:.6f}", f"{place.longitude:.6f}"
    if template == OPENSTREETMAP:
        return MARKED.format(lat=lat, lon=lon)
    return template.replace(ADDRESS, f"{lat},{lon}")
