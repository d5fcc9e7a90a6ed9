"""Recognizes texts that choose an option by its position: «la segunda», «opción 2», «dos, por favor»."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from bot.core.yaml import read_yaml_file
from bot.text.normalize import plain

_FILE = Path(__file__).with_name("ordinals.yml")
LONGEST = 80  # maximum number of characters of a text that only names a position
_REPEATED = re.compile(r"([a-z])\1+")
_REFUSAL = re.compile(r"\W*no\s*[,.;:\n]\W*", re.IGNORECASE)


def place_named(text: str) -> int | None:
    """Returns the position that the text names, from 1; None if the text says anything else, too.

    Returns 0 if the text names several options, refuses one or does not say which («la 2 y la 3», «no quiero la
    segunda», «la última»). The words of ``antes`` and ``despues`` in ordinals.yml, such as «quiero» and «por favor»,
    may surround the position. A «no» before a comma or the like refuses nothing («no, la segunda»).
    """
    if len(text) > LONGEST:
        return None
    refused = _REFUSAL.match(text)
    words = _once(plain(text[refused.end() :] if refused else text))
    found = None if words in _words()["no_solas"] else _pattern().fullmatch(words)
    if found is None:
        return None
    return 0 if found["refused"] or found["unclear"] else _places()[found["ordinal"] or found["cardinal"]]


def ordinals() -> tuple[str, ...]:
    """Returns all ordinals, in lower case and without accents: «primera», «segundo»."""
    return tuple(str(one) for place in _words()["ordinales"] for one in place)


@cache
def _pattern() -> re.Pattern[str]:
    words = _words()
    before = f"(?:(?:{_any(words['articulos'])}) )?(?:(?:{_any(words['nombres'])}) )?"
    ordinal, cardinal = (_any(chain(*words[kind])) for kind in ("ordinales", "cardinales"))
    one = f"{before}(?:{ordinal}|{cardinal})"
    unclear = f"{_any(words['imprecisas'])}|{one}(?: [yoe] {one})+"
    place = f"(?:(?P<unclear>{unclear})|{before}(?:(?P<ordinal>{ordinal})|(?P<cardinal>{cardinal})))"
    around = [f"(?:{_any(words[key])})" for key in ("antes", "despues")]
    return re.compile(rf"(?P<refused>no (?!mejor ))?(?:{around[0]} )*{place}(?: {around[1]})*")


@cache
def _places() -> Mapping[str, int]:
    words = _words()
    kinds = (words["ordinales"], words["cardinales"])
    return {one: place for kind in kinds for place, forms in enumerate(kind, 1) for one in forms}


def _once(words: str) -> str:
    """Returns the words with each letter once where it is repeated («segundaa»)."""
    return _REPEATED.sub(r"\1", words)


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, map(_once, words)), key=len, reverse=True))


@cache
def _words() -> Any:
    return read_yaml_file(_FILE)
