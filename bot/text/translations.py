"""Translates notices for citizens whose known language is not Spanish (bot/core/texts/idiomas.yml)."""

from __future__ import annotations

from bot.core.texts import say
from bot.text.languages import OTHERS


def in_other_languages(key: str, **values: str) -> dict[str, str]:
    """Returns the notice in each language other than Spanish; fills the given ``{name}`` placeholders, keeps others."""
    return {language.value: _filled(say(f"idiomas.{language}.avisos.{key}"), values) for language in OTHERS}


def before_spanish(key: str, spanish: str, **values: str) -> dict[str, str]:
    """Returns, for each language other than Spanish, its words and then the Spanish text, which alone has the details.

    An agency writes in Spanish only what to do in each kind of danger.
    """
    return {
        language.value: "\n\n".join((_filled(say(f"idiomas.{language}.{key}"), values), spanish)) for language in OTHERS
    }


def survey_in_other_languages(key: str) -> dict[str, str]:
    """Returns a text of the survey about a support session in each language other than Spanish."""
    return {language.value: _filled(say(f"idiomas.{language}.opinion.{key}"), {}) for language in OTHERS}


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text.strip()
