"""Recognizes messages of one or two words that name several entries: "licencia", "pagar multa".

Such a message is too vague for a confident answer but too clear for a handoff, so the entries it names are offered.
The same stems give a quick guess of the entry that a part of a message is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log

import snowballstemmer

from bot.core.texts import area
from bot.faq.entries.entry import Entry
from bot.text.normalize import plain

MAX_WORDS = 2
SHORT_UTTERANCE = 4  # maximum number of words of a variant whose stems count as naming its entry
KEPT_STEMS, KEPT_ENTRIES = 20_000, 50_000


class Keywords:
    """The stems of the question and the short variants of each entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._stems: dict[str, frozenset[str]] = {}
        self._said: dict[str, frozenset[str]] = {}
        for entry in entries:
            self._stems[entry.id] = self._stems.get(entry.id, frozenset()) | _about(entry.question, entry.variants)
        self._entry_counts = Counter(stem for stems in self._stems.values() for stem in stems)

    def named(self, text: str) -> frozenset[str]:
        """Returns the ids of the entries that all words of a short message name; empty for a longer message."""
        wanted = content_stems(text)
        if not 1 <= len(wanted) <= MAX_WORDS:
            return frozenset()
        return frozenset(entry for entry, stems in self._stems.items() if wanted <= stems)

    def most_named(self, stems: frozenset[str], ids: Iterable[str]) -> str | None:
        """Returns the entry among ``ids`` whose keywords best match the stems; None if none match.

        Rare stems weigh more.
        """
        best = max(ids, key=lambda id: self._weight(stems & self._stems[id]), default=None)
        return best if best is not None and self._weight(stems & self._stems[best]) > 0 else None

    def _weight(self, stems: frozenset[str]) -> float:
        return sum(log(len(self._stems) / self._entry_counts[stem]) for stem in stems)

    def said_of(self, entry: Entry) -> frozenset[str]:
        """Returns the stems of an entry's question, variants and answer."""
        if entry.id not in self._said:
            self._said[entry.id] = content_stems(" ".join((*entry.utterances, entry.body)))
        return self._said[entry.id]


@lru_cache(maxsize=KEPT_ENTRIES)
def _about(question: str, variants: tuple[str, ...]) -> frozenset[str]:
    """Returns the stems of the question and short variants; cached, so that a reload stems only changed entries."""
    short = (utterance for utterance in variants if len(utterance.split()) <= SHORT_UTTERANCE)
    return frozenset(stem for text in (question, *short) for stem in content_stems(text))


def content_stems(text: str) -> frozenset[str]:
    """Returns the stems of content words; leaves out articles, greetings and phrases such as "necesito saber"."""
    return frozenset(_stems(word for word in plain(text).split() if word not in _fillers()))


def _stems(words: Iterable[str]) -> list[str]:
    return [_stem(word) for word in words]


@lru_cache(maxsize=KEPT_STEMS)
def _stem(word: str) -> str:
    """Stems a word with a new stemmer, since a stemmer stores its word and is not thread-safe."""
    return str(snowballstemmer.stemmer("spanish").stemWord(word))


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(str(area("faq")["palabras_vacias"]).split())
