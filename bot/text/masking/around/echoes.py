"""Finds what goes with a name: its initials, and the same name said again («nos dijo Moisés que Moisés»)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.text.masking.around.namesakes import is_namesake
from bot.text.masking.bare_names import is_place
from bot.text.masking.found import without_accents, words

FEWEST_LETTERS = 4
_WORD = re.compile(r"[A-ZÁÉÍÓÚÑ][^\W\d_]+")
_INITIAL = re.compile(r"\s[A-ZÑ]\.")
_CAPITALS = re.compile(r"\s[A-ZÑ]\.(?:\s[A-ZÁÉÍÓÚÑ]{3,}(?:\s[A-ZÑ]\.)?)?")  # «HUGO A. CALFUL T.»


def with_initials(text: str, start: int, end: int) -> int:
    """Returns the end of a name with the initials after it: «Evelyn T.»."""
    more = (_CAPITALS if text[start:end].isupper() else _INITIAL).match(text, end)
    return more.end() if more else end


def echoes(text: str, names: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yields further places of the capitalized words of ``names``, unless a street or a thing has that name there."""
    said = {word[0] for start, end in names for word in _WORD.finditer(text, start, end)}
    kept = words("not_name") | words("institutional") | words("ambiguous") | words("beings") | words("bodies")
    said = {one for one in said if len(one) >= FEWEST_LETTERS and without_accents(one.lower()) not in kept}
    for word in _WORD.finditer(text) if said else ():
        if word[0] in said and not (is_place(text, *word.span()) or is_namesake(text, *word.span())):
            yield word.span()
