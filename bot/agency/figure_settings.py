"""Reads the section ``cifras`` of agency.yml: the user attributes by which figures are divided.

Each segment has a closed list of values, so nothing that a citizen wrote gets into the figures.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict

from bot.agency.desk_settings import COMMUNE, LANGUAGE
from bot.agency.segments import SegmentFile
from bot.agency.territory import ELSEWHERE
from bot.core.texts import area, say
from bot.text.languages import OTHERS, Language

RETURNS = "vuelve"  # whether the citizen had written before
FIRST, AGAIN = "primera", "otra-vez"
OURS = (COMMUNE, LANGUAGE, RETURNS)  # segments that need no section ``publicos``
MOST_SEGMENTS = 4


@dataclass(frozen=True)
class FigureSegment:
    """A user attribute by which figures are divided; ``values`` maps each possible value to its Spanish name.

    ``default`` is the value if the attribute was not recorded; '' means unknown. If ``is_public``, the public page
    shows how many conversations each value had.
    """

    key: str
    name: str
    values: Mapping[str, str]
    default: str = ""
    is_public: bool = False

    def value_in(self, facts: Mapping[str, str]) -> str:
        """Returns the segment's value in a citizen's user attributes, else ``default``; '' if it is not listed."""
        value = facts.get(self.key, self.default)
        return value if value in self.values else ""

    def titled(self, value: str) -> str:
        """Returns the Spanish name of ``value``; for a value that agency.yml no longer lists, the value itself.

        '' (unknown) has a name, too.
        """
        return self.values.get(value, value) if value else say("cifras.segmentos.sin_dato")


@dataclass(frozen=True)
class Home:
    """The agency's commune: its key and its name."""

    commune: str
    name: str


class FiguresFile(BaseModel):
    """The section ``cifras`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    segmentos: list[str] = []
    publicar_segmentos: bool = False

    def problem(self, publics: Container[str]) -> str:
        """Returns a Spanish message about the first invalid segment; '' if all are valid.

        ``publics`` are the dimensions of ``publicos``.
        """
        if len(self.segmentos) > MOST_SEGMENTS:
            return say("agency.problemas.cifras_segmentos", maximo=MOST_SEGMENTS)
        for number, key in enumerate(self.segmentos):
            if key not in OURS and key not in publics:
                return say("agency.problemas.cifras_segmento", clave=key)
            if key in self.segmentos[:number]:
                return say("agency.problemas.cifras_repetido", clave=key)
        return ""

    def read(self, publics: Mapping[str, SegmentFile], home: Home) -> tuple[FigureSegment, ...]:
        segments = (_segment(key, publics.get(key), home) for key in self.segmentos)
        return tuple(replace(one, is_public=self.publicar_segmentos) for one in segments)


def _segment(key: str, public: SegmentFile | None, home: Home) -> FigureSegment:
    names: Mapping[str, str] = area("cifras")["segmentos"]["nombres"]
    options = public.opciones if public else {}
    if key == COMMUNE:
        own = {home.commune: home.name} if home.commune else {}
        ours = own | {ELSEWHERE: say("cifras.segmentos.otra_comuna")}
        return FigureSegment(key, names[key], ours | options)
    if key == LANGUAGE:
        languages = {one.value: one.words.capitalize() for one in OTHERS}
        # A language is recorded only once a language other than Spanish was recognized.
        spanish = {Language.SPANISH.value: say("cifras.segmentos.espanol")}
        return FigureSegment(key, names[key], spanish | languages, Language.SPANISH)
    if public is None:
        return FigureSegment(key, names[key], area("cifras")["segmentos"]["vuelve"])
    return FigureSegment(key, key.replace("-", " ").replace("_", " ").capitalize(), options)
