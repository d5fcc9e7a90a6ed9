"""Describes in Spanish the citizen's known attributes: language, commune and chosen audience segments."""

from __future__ import annotations

from collections.abc import Mapping

from bot.agency.desk_settings import COMMUNE, LANGUAGE
from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.agency.territory import ELSEWHERE
from bot.core.texts import say
from bot.desk.shapes import KnownFact
from bot.text.languages import OTHERS, Language


def language_words(known: Mapping[str, str]) -> str:
    """Returns the name of the citizen's language; '' if it is Spanish."""
    language = known.get(LANGUAGE)
    return Language(language).words if language in OTHERS else ""


def known_views(known: Mapping[str, str], agency: Agency) -> list[KnownFact]:
    """Returns the citizen's known attributes: language (unless Spanish), commune, and audience segments.

    The segments are joined into one attribute; each has the text of its button in agency.yml.
    """
    facts = {"idioma": language_words(known), "comuna": _commune(known.get(COMMUNE, ""), agency)}
    said = [_title_of(name, value, agency) for name, value in known.items() if name not in facts]
    facts["dijo"] = say("desk.conocido.y").join(said)
    return [KnownFact(label=say(f"desk.conocido.{name}"), words=words) for name, words in facts.items() if words]


def _commune(value: str, agency: Agency) -> str:
    if value and value == agency.comuna:
        return agency.short_name
    return say("desk.conocido.otra_comuna") if value == ELSEWHERE else _title_of(COMMUNE, value, agency)


def _title_of(dimension: str, value: str, agency: Agency) -> str:
    return agency.segments.get(dimension, Segment("", {})).titled(value)
