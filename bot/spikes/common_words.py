"""Finds the words that many citizens used in a spike, so that the alarm's card shows at a glance what it is about."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.core.texts import area
from bot.faq.words.keywords import stem
from bot.text.normalize import plain

MOST = 5
FEWEST_CITIZENS = 3  # a word of fewer may identify somebody
LEAST_SHARE = 0.25
LEAST_LETTERS = 3
_WORD = re.compile(r"[^\W\d_]+")


def common_words(texts: Iterable[str]) -> list[str]:
    """Returns at most MOST content words, most frequent first; ``texts`` are masked, one text per citizen.

    Each word stands for its inflections. At least FEWEST_CITIZENS and LEAST_SHARE of the citizens used it.
    """
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    citizens: Counter[str] = Counter()
    every = list(texts)
    for text in every:
        roots = content_roots(text)
        citizens.update(set(roots.values()))
        for word, root in roots.items():
            forms[root][word] += 1
    least = max(FEWEST_CITIZENS, LEAST_SHARE * len(every))
    chosen = sorted((-count, root) for root, count in citizens.items() if count >= least)[:MOST]
    return [forms[root].most_common(1)[0][0] for _, root in chosen]


def content_roots(text: str) -> dict[str, str]:
    """Maps each content word of a text, in lower case, to its root."""
    empty = frozenset(str(area("faq")["palabras_vacias"]).split())
    found = {word: plain(word) for word in dict.fromkeys(_WORD.findall(text.lower()))}
    return {word: stem(key) for word, key in found.items() if len(key) >= LEAST_LETTERS and key not in empty}
