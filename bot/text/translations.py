"""Translates the notices of the queue for citizens whose known language is not Spanish (idiomas.yml, ``avisos``)."""

from __future__ import annotations

from bot.core.texts import say
from bot.text.languages import OTHERS


def in_other_languages(key: str, **values: str) -> dict[str, str]:
    """Returns the notice in each language other than Spanish; fills the given ``{name}`` placeholders, keeps others."""
    return {language.value: _filled(say(f"idiomas.{language}.avisos.{key}"), values) for language in OTHERS}


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text.strip()
