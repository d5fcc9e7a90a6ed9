"""Describes in Spanish the citizen's known attributes: language, commune and chosen audience segments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.agency.desk_settings import COMMUNE, LANGUAGE
from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.agency.territory import ELSEWHERE
from bot.core.json_fields import JsonFields
from bot.core.texts import say
from bot.text.languages import OTHERS, Language


def language_words(known: Mapping[str, str]) -> str:
    """Returns the name of the citizen's language; '' if it is Spanish."""
    language = known.get(LANGUAGE)
    return Language(language).words if language in OTHERS else ""


@dataclass(frozen=True)
class KnownView(JsonFields):
    """A known attribute of the citizen, with its label; both are in Spanish."""

    label: str
    words: str


def known_views(known: Mapping[str, str], agency: Agency) -> tuple[KnownView, ...]:
    """Returns the citizen's known attributes: language (unless Spanish), commune, and audience segments.

    The segments are joined into one attribute; the text of each is that of its button in agency.yml.
    """
    facts = {"idioma": language_words(known), "comuna": _commune(known.get(COMMUNE, ""), agency)}
    said = [_said(name, value, agency) for name, value in known.items() if name not in facts]
    facts["dijo"] = say("desk.conocido.y").join(said)
    return tuple(KnownView(say(f"desk.conocido.{name}"), words) for name, words in facts.items() if words)


def _commune(value: str, agency: Agency) -> str:
    if value == agency.comuna:
        return agency.short_name
    return say("desk.conocido.otra_comuna") if value == ELSEWHERE else _said(COMMUNE, value, agency)


def _said(dimension: str, value: str, agency: Agency) -> str:
    return agency.segments.get(dimension, Segment("", {})).titled(value)
