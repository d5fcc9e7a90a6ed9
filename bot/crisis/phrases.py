"""Compiles the phrases of phrases.yml into one regular expression for folded text.

Grammar, word by word: ``a|b`` matches either word, ``a_b`` two consecutive words, ``a*`` a word that begins with a,
``*a`` a word that ends with a, ``(a|b)`` an optional word, ``...`` up to three words, ``{list}`` a word of that list,
``!a|b`` no word, but fails after the word a or b, and a final ``$`` the end of the message. ``phrase + phrase`` matches
both in any order, with at most APART words between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import permutations

from bot.text.brief import briefly_cached
from bot.text.emergency_fold import fold, fold_word

APART = 8
GAP = "(?: [^ ]+){0,3}"
BETWEEN = f"(?: [^ ]+){{0,{APART}}}"
NEVER_MATCHES = "(?!)"
CUT = " _ "  # in place of what is cut out of a text; no phrase contains it
KEPT_WORDS = 4096
KEPT_TEXTS = 256


def compile_phrases(phrases: Iterable[str], lists: Mapping[str, str]) -> re.Pattern[str]:
    """Compiles the phrases into one pattern that finds any of them. Raises KeyError for an unknown ``{list}``."""
    alternatives = [_phrase(phrase.format_map(lists)) for phrase in phrases]
    return re.compile("|".join(alternatives) or NEVER_MATCHES)


@briefly_cached(KEPT_TEXTS)
def fold_text(text: str) -> str:
    """Returns the text as ``fold`` returns it; kept briefly, since phrases of several groups are searched in it."""
    return fold(text)


def _phrase(phrase: str) -> str:
    ends = phrase.endswith("$")
    together = ["".join(map(_part, one.split())) for one in phrase.removesuffix("$").split(" + ")]
    parts = "|".join(BETWEEN.join(order) for order in permutations(together))
    return f"(?:{parts}) $" if ends else f"(?:{parts})(?= )"


def _part(part: str) -> str:
    if part == "...":
        return GAP
    if part.startswith("(") and part.endswith(")"):
        return f"(?: {_word(part[1:-1])})?"
    if part.startswith("!"):
        return "".join(f"(?<! {fold_word(word)})" for word in part[1:].split("|"))
    return f" {_word(part)}"


def _word(alternatives: str) -> str:
    return f"(?:{'|'.join(_stem(word) for word in alternatives.split('|'))})"


@lru_cache(maxsize=KEPT_WORDS)  # phrases repeat words, and those of a list are in many
def _stem(word: str) -> str:
    folded = " ".join(re.escape(fold_word(one)) for one in word.strip("*").split("_"))
    begun = f"[^ ]*?{folded}" if word.startswith("*") and word.endswith("*") else folded
    if word.endswith("*"):
        return f"(?>{begun}[^ ]*)"  # one way to match a word: else several such words multiply the ways
    return f"[^ ]*{folded}" if word.startswith("*") else folded
