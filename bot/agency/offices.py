"""Reads the keys ``direcciones`` and ``mapa`` of agency.yml: the offices' addresses and their map links.

The server sends no request to the map service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.agency.territory import PointFile
from bot.core.texts import area

ADDRESS = "{direccion}"
OPENSTREETMAP = f"https://www.openstreetmap.org/search?query={ADDRESS}"
BRACES = re.compile(r"\{[^{}]*\}?|\}")


@dataclass(frozen=True)
class Office:
    """An office: its key in agency.yml, its postal address, and the URL that shows it on a map ('' if none)."""

    key: str
    address: str
    map_url: str = ""

    @property
    def title(self) -> str:
        return office_title(self.key)


def office_title(key: str) -> str:
    """Returns the name of an office: the name in widget.yml, or its key with spaces and a capital letter."""
    words = key.replace("_", " ")
    titles: dict[str, str] = area("widget")["lugares"]
    return titles.get(key) or words[:1].upper() + words[1:]


class OfficeFile(BaseModel):
    """An address as written in agency.yml; the map's link searches for ``punto``, if given, instead of the address."""

    model_config = ConfigDict(extra="forbid")
    direccion: str = Field(min_length=1)
    punto: PointFile | None = None


def _written(raw: object) -> object:
    return {"direccion": raw} if isinstance(raw, str) else raw


def _map_template(template: str) -> str:
    if not template:
        return ""
    if not template.startswith("geo:") and not (template.startswith("https://") and urlsplit(template).hostname):
        raise ValueError(f"«{template}» no abre un mapa; empieza con https:// o geo:, por ejemplo {OPENSTREETMAP}")
    if ADDRESS not in template:
        raise ValueError(f"a «{template}» le falta {ADDRESS}, donde va la dirección; por ejemplo {OPENSTREETMAP}")
    if strange := BRACES.search(template.replace(ADDRESS, "")):
        raise ValueError(f"«{strange[0]}» no se entiende en «{template}»; solo se reemplaza {ADDRESS}")
    if any(character.isspace() for character in template):
        raise ValueError(f"«{template}» tiene espacios; escríbelos como %20")
    return template


OfficesFile = dict[str, Annotated[OfficeFile, BeforeValidator(_written)]]
MapFile = Annotated[str, AfterValidator(_map_template)]


def offices(written: Mapping[str, OfficeFile], template: str) -> Iterator[Office]:
    """Yields the offices in the order of the file; ``template`` is the map's URL with ADDRESS, or '' for no links."""
    for key, one in written.items():
        place = f"{one.punto[0]},{one.punto[1]}" if one.punto else quote(one.direccion, safe="")
        yield Office(key, one.direccion, template.replace(ADDRESS, place))
