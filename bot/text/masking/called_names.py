"""Finds names by the words of everyday speech around them: «un tal Ruperto», «me dicen la Chola», «la mamá del Maxi».

After such words an unknown capitalized word is a name, unless it belongs to an office, a trade or a company.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from bot.text.masking.bare_names import is_place
from bot.text.masking.found import DOTS, Span, Spans, pattern, without_accents, words
from bot.text.masking.known_names import is_given, is_lone_name, is_pet_form, is_surname, looks_like_a_name
from bot.text.masking.name_extent import name_end

_CAPITAL = r"(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]+(?:['´’-][^\W\d_]+)?"
_NAME = rf"{_CAPITAL}(?:\s(?:(?:del?|la|los)\s){{0,2}}{_CAPITAL}){{0,3}}"
_CLAUSE_END = r"(?=\s?(?:[,.;:!?)(\n]|$|(?:y|que|q|para|pa|por|el|la|en|al?|es|está|esta|anda|vive|del?)\s))"
# «SOY DIRIGENTE, ANA SOTO, Y PIDO»
_BETWEEN = re.compile(
    r"[,:]\s(?P<name>[A-ZÁÉÍÓÚÑ]{3,}(?:\s(?:DEL?|LA|[A-ZÁÉÍÓÚÑ]{3,})){1,4})(?=[,.:;]|\s?$|\sRUT|\s\x00)(?P<trade>)"
)
_START = re.compile(
    rf"(?m:^)\s?(?P<name>{_CAPITAL}(?:\s{_CAPITAL}){{1,3}})(?=[,:]\s(?P<trade>[^\W\d_]+)|,?\s\x00)", re.IGNORECASE
)
# «Choque es mi apellido».
_SURNAME = re.compile(
    rf"(?<!\w)(?P<name>{_CAPITAL})(?:\s(?:es|era|ser[ií]a)\s(?:mi|su|el|nuestro)\s(?:primer\s|segundo\s)?(?:apellido|nombre)|\s(?:le|me|lo)\s(?:dicen|llaman))(?!\w)"
)
_INITIALS = re.compile(
    r"(?<!\w)(?i:menor|niñ[oa]|alumn[oa]|lactante|paciente|iniciales)(?:\sde\siniciales)?\s(?P<name>(?:[A-ZÑ]\.\s?){2,5})"
)
_DON = re.compile(
    r"(?<!\w)[Dd](?:on|oña)\s(?P<name>(?:Segund|Primitiv|Doming)[oa]|Tr[aá]nsito|Santos|Reyes|Flor|Rosa)(?=[\s,.;:?!)]|$)"
)
_KEPT = ("institutional", "bodies", "companies", "not_name", "after_name", "roles", "offices")


def called_names(text: str) -> Spans:
    """Yields nicknames, and names after or between words that are only used of people."""
    for one in chain(_called().finditer(text), _parents().finditer(text), _asked().finditer(text)):
        if _is_persons(one) and not is_place(text, *one.span("name")):
            yield _whole(text, one)
    yield from _nicknames(text)
    yield from (
        (*one.span("name"), DOTS)
        for one in chain(_SURNAME.finditer(text), _INITIALS.finditer(text), _DON.finditer(text))
    )
    for one in _nicknamed().finditer(text):
        if is_pet_form(one["name"]):
            yield _whole(text, one)
    for one in chain(_BETWEEN.finditer(text), _START.finditer(text)):
        if _is_full(one["name"].split(), one["trade"]) and not is_place(text, *one.span("name")):
            yield *one.span("name"), DOTS


def _nicknames(text: str) -> Spans:
    """Yields a nickname with a known surname after it: «el Peluca González»."""
    for one in _surnamed().finditer(text):
        plain = without_accents(one["surname"].lower())
        sure = is_surname(one["surname"]) and plain not in words("word_surnames")
        sure = sure or (
            one["name"][:1].isupper() and is_lone_name(one["surname"]) and not any(plain in words(key) for key in _KEPT)
        )
        if sure and not is_place(text, *one.span("name")):
            yield *one.span("name"), DOTS


def _whole(text: str, one: re.Match[str]) -> Span:
    """Returns the span of a name, including further names after it."""
    return one.start("name"), max(one.end("name"), name_end(text, one.start("name"), cue="bare")), DOTS


def _is_persons(one: re.Match[str]) -> bool:
    """Returns whether the match may be a person's name: no word of it belongs to an office or a company.

    After «tía de», which may precede a place («tía de Miami»), the name must be known.
    """
    first = one["name"].split()[0]
    known = is_given(first) or is_pet_form(first)
    unknown = is_lone_name(first) and one.groupdict().get("link") != "de"
    plain = set(without_accents(one["name"].lower()).split())
    return (known or unknown) and not any(words(key) & plain for key in _KEPT)


def _is_full(written: list[str], trade: str | None) -> bool:
    """Returns whether words are a full name, or a name before a trade: «Leocadio Segundo, pescador».

    Words that belong to an office or a company are not a name.
    """
    first = without_accents(written[0].lower())
    others = [one for one in map(without_accents, map(str.lower, written[1:])) if one not in words("particles")]
    kept = frozenset().union(*(words(key) for key in _KEPT)) - words("ordinal")
    if not others or not kept.isdisjoint([first, *others]):
        return False
    given = is_given(first) and (first not in words("ambiguous") | words("beings") or is_surname(others[-1]))
    return given or (_is_trade(trade) and looks_like_a_name(written[0]))


def _is_trade(word: str | None) -> bool:
    return word is not None and word.islower() and without_accents(word) in words("roles")


@cache
def _called() -> re.Pattern[str]:
    """Returns a pattern of a name after words for being called: «me dicen la Chola», «un tal Ruperto»."""
    return re.compile(
        rf"(?<!\w)(?:{pattern('called')})(?!\w):?\s(?:(?:el|la)\s)?(?:(?:don|doña|t[ií][oa])\s)?(?P<name>{_NAME})",
        re.IGNORECASE,
    )


@cache
def _parents() -> re.Pattern[str]:
    """Returns a pattern of a child's name after words for a parent: «la mamá del Maxi», «papá de la Antonella»."""
    return re.compile(rf"(?<!\w)(?:{pattern('parent')})\s(?P<link>del|de\sla|de)\s(?P<name>{_NAME})", re.IGNORECASE)


@cache
def _asked() -> re.Pattern[str]:
    """Returns a pattern of a name after «preguntar por» and the like, or after a label: «afectada: Lastenia»."""
    label = rf"(?:{pattern('role')})(?:\sdel?\s[^\W\d_]{{3,12}})?\s?:"
    return re.compile(
        rf"(?<!\w)(?:(?:{pattern('asked')})|{label})\s(?:(?:el|la|don|doña)\s)?(?P<name>{_NAME})(?!\w){_CLAUSE_END}",
        re.IGNORECASE,
    )


@cache
def _surnamed() -> re.Pattern[str]:
    """Returns a pattern of a nickname with a capitalized word after it: «el Peluca González»."""
    return re.compile(
        rf"(?<!\w)(?:el|la|al|del)\s(?P<name>(?=(?-i:[A-ZÁÉÍÓÚÑ]))(?:{pattern('nicknames')})\s(?P<surname>{_CAPITAL}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _nicknamed() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:la|el|al|del|mi|con|a)\s(?P<name>{_CAPITAL})", re.IGNORECASE)
