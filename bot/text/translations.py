"""Translates notices, buttons and surveys for citizens whose known language is not Spanish (idiomas.yml)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.texts import say
from bot.text.languages import OTHERS, Language

Value = str | tuple[str, ...]  # the members of a tuple are alternatives


def in_other_languages(key: str, **values: Value) -> dict[str, str]:
    """Returns the notice in each language other than Spanish; fills the given ``{name}`` placeholders, keeps others."""
    return {language.value: _said(language, f"avisos.{key}", values) for language in OTHERS}


def said_in(language: str, key: str, **values: str) -> str:
    """Returns the notice in one language other than Spanish (ISO 639), for values that differ between languages."""
    return _said(Language(language), f"avisos.{key}", values)


def before_spanish(key: str, spanish: str, **values: Value) -> dict[str, str]:
    """Returns, for each language other than Spanish, the translated text ``key`` followed by the text ``spanish``.

    What to do in a danger is written by the agency, in Spanish only.
    """
    return {language.value: f"{_said(language, key, values)}\n\n{spanish}" for language in OTHERS}


def queue_sentences(key: str, **values: str) -> dict[str, str]:
    """Returns a part of the notice about entering the queue in each language other than Spanish."""
    return {language.value: _said(language, key, values) for language in OTHERS}


def joined(*parts: Mapping[str, str]) -> dict[str, str]:
    """Joins the paragraphs of a notice, language by language; a part that lacks a language adds nothing to it."""
    return {one.value: "\n\n".join(part[one] for part in parts if one in part) for one in OTHERS}


def titles(key: str) -> dict[str, str]:
    """Returns a button's title in each language other than Spanish (``botones`` of idiomas.yml)."""
    return {language.value: _said(language, f"botones.{key}", {}) for language in OTHERS}


def survey_in_other_languages(key: str) -> dict[str, str]:
    """Returns a text of the survey about a support session in each language other than Spanish."""
    return {language.value: _said(language, f"opinion.{key}", {}) for language in OTHERS}


def _said(language: Language, key: str, values: Mapping[str, Value]) -> str:
    text = say(f"idiomas.{language}.{key}")
    for name, value in values.items():
        words = value if isinstance(value, str) else say(f"idiomas.{language}.o").join(value)
        text = text.replace("{" + name + "}", words)
    return text.strip()
