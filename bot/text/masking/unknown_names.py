"""Finds unknown names beside a known one: «Wilkerman Paredes», «Cárcamo Oyarzo, Nelson», «rut ..., Ruperta»."""

from __future__ import annotations

import re

from bot.text.masking.bare_names import is_place
from bot.text.masking.found import DOTS, Spans, without_accents, words
from bot.text.masking.known_names import is_given, is_known, is_surname, looks_like_a_name

_CAPITAL = r"[A-ZÁÉÍÓÚÑ][a-záéíóúüñ]{2,}"
_ANY_CASE = r"[A-ZÁÉÍÓÚÑ][^\W\d_]{2,}"
_PARTICLES = r"(?:(?:del?|la|los|las|san) ){0,2}"
# After a word in lower case of the same sentence that is no article: «con Wilkerman Paredes», not «el Semáforo Castro».
_SURNAMED = re.compile(
    rf"(?<![\w@])(?!(?:el|la|los|las|del|al|una?|este|esta) )[a-záéíóúñ]\w*[,;:]? "
    rf"(?P<first>{_CAPITAL})(?P<others>(?: {_PARTICLES}{_CAPITAL}){{1,3}})(?![\w@]|[-/]\w)"
)
# «Cárcamo Oyarzo, Nelson.»
_TURNED = re.compile(
    rf"(?<![\w@])(?P<surnames>{_ANY_CASE} {_ANY_CASE}), (?P<given>{_ANY_CASE}(?: {_ANY_CASE})?)"
    r"(?=[.,;:\n)]|$| \x00| rut| RUT)"
)
# «rut ..., Ruperta,»; what was found before is \x00.
_AFTER_DATUM = re.compile(rf"\x00[.,]? (?P<name>{_CAPITAL}(?: {_CAPITAL}){{0,3}})(?=[,.;:\n)]|$)")
_KEPT = (
    "institutional",
    "bodies",
    "companies",
    "roles",
    "offices",
    "not_name",
    "after_name",
    "conditions",
    "adjectives",
    "geography",
)


def unknown_names(text: str) -> Spans:
    """Yields names with at least one known name, and no word that belongs to an office, trade, company or place."""
    for one in _SURNAMED.finditer(text):
        start, end = one.start("first"), one.end()
        if _is_surnamed(one["first"], one["others"]) and not is_place(text, start, end):
            yield start, end, DOTS
    for one in _TURNED.finditer(text):
        known = all(map(is_surname, one["surnames"].split())) and is_given(one["given"].split()[0])
        if known and not _means_something_else(one["given"]):
            yield *one.span(), DOTS
    for one in _AFTER_DATUM.finditer(text):
        known = is_given(one["name"].split()[0]) and not _means_something_else(one["name"])
        if known and not _has_kept(one["name"]) and not is_place(text, *one.span("name")):
            yield *one.span("name"), DOTS


def _is_surnamed(first: str, others: str) -> bool:
    """Returns whether an unknown word may be a given name: only known names follow it, the last one a surname."""
    following = [one for one in others.split() if without_accents(one.lower()) not in words("particles")]
    sure = all(is_known(one) and without_accents(one.lower()) not in words("ambiguous") for one in following)
    sure = sure and bool(following) and is_surname(following[-1])
    return sure and not is_known(first) and looks_like_a_name(first, *following) and not _has_kept(first)


def _means_something_else(name: str) -> bool:
    return without_accents(name.lower()) in words("ambiguous") | words("beings")


def _has_kept(name: str) -> bool:
    plain = without_accents(name.lower()).split()
    return any(not words(key).isdisjoint(plain) for key in _KEPT)
