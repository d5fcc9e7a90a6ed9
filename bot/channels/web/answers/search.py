"""Finds answers by words, however they are spelled: *kiero renobar la lisensia* finds the driving licence.

Words are compared by their sound, as everywhere (bot/text/normalize.py), from their beginning; a word that occurs
nowhere is replaced by the most similar ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from bot.core.texts import say
from bot.faq.entries.entry import Entry
from bot.text.normalize import phonetic

IN_QUESTION, IN_VARIANT, IN_BODY = 4.0, 2.0, 1.0
MAX_WORDS = 12
FEW = 4  # results; below it, entries with one word less are added
MIN_PREFIX = 3  # letters of the sound of a word that may be the beginning of another
MIN_LETTERS = 4  # of a word that may be misspelled, or that may be the singular of the one searched
MAX_ENDING = 2  # letters of a plural's ending: *licencias* also finds licencia
MIN_SIMILARITY = 0.75


@dataclass(frozen=True)
class _Indexed:
    entry: Entry
    words: Mapping[str, float]  # by its sound, each word with the weight of the best place where it occurs


class Search:
    """The search in the entries of the last call; an edit is found at once, since then they are others."""

    def __init__(self) -> None:
        self._entries: Sequence[Entry] = ()
        self._indexed: list[_Indexed] = []
        self._vocabulary: list[str] = []

    def find(self, text: str, entries: Sequence[Entry]) -> list[Entry]:
        """Returns the entries that contain most words of ``text``, best first; takes some ms, the first time 100.

        If they are few, entries with one word less follow.
        """
        self._index(entries)
        searched = [self._spellings(word) for word in _content(text)[:MAX_WORDS]]
        scored = sorted(((*_score(one.words, searched), one.entry) for one in self._indexed), key=lambda one: one[:2])
        best = [(found, entry) for found, _, entry in reversed(scored) if found > 0]
        complete = [entry for found, entry in best if found == best[0][0]]
        if len(complete) >= FEW:
            return complete
        return [entry for found, entry in best if found >= best[0][0] - 1][:FEW]

    def _index(self, entries: Sequence[Entry]) -> None:
        if list(entries) == list(self._entries):
            return
        self._entries = entries
        self._indexed = [
            _Indexed(entry, _weights(entry.question, entry.variants, entry.body, entry.topic)) for entry in entries
        ]
        self._vocabulary = sorted({word for one in self._indexed for word in one.words})

    def _spellings(self, word: str) -> list[str]:
        """Returns the word, or the most similar ones if it is the beginning of no known word."""
        known = any(_matches(one, word) for one in self._vocabulary)
        if known or len(word) < MIN_LETTERS:
            return [word]
        near = [one for one in self._vocabulary if abs(len(one) - len(word)) <= MAX_ENDING]
        return get_close_matches(word, near, cutoff=MIN_SIMILARITY) or [word]


def _score(words: Mapping[str, float], searched: Iterable[Sequence[str]]) -> tuple[int, float]:
    """Returns how many of the searched words occur, and the sum of the weights of the places."""
    weights = [
        max((weight for word, weight in words.items() if any(_matches(word, one) for one in spellings)), default=0.0)
        for spellings in searched
    ]
    return sum(weight > 0 for weight in weights), sum(weights)


def _matches(word: str, searched: str) -> bool:
    """Returns whether a word begins with the searched one or is its singular; a very short one must be the same."""
    if len(searched) < MIN_PREFIX:
        return word == searched
    is_singular = len(word) >= MIN_LETTERS and len(searched) - len(word) <= MAX_ENDING and searched.startswith(word)
    return is_singular or word.startswith(searched)


def _content(text: str) -> list[str]:
    """Returns the sounds of the words that say what is searched; all words if none of them does."""
    words = list(dict.fromkeys(phonetic(text).split()))
    return [word for word in words if word not in _fillers()] or words


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(phonetic(say("faq.palabras_vacias")).split())


@lru_cache(maxsize=4096)
def _weights(question: str, variants: tuple[str, ...], body: str, topic: str) -> Mapping[str, float]:
    """Weighs the words of one entry; cached, so that an edit costs only the edited entry."""
    weights: dict[str, float] = {}
    for text, weight in ((body, IN_BODY), (" ".join((*variants, topic)), IN_VARIANT), (question, IN_QUESTION)):
        weights |= dict.fromkeys(phonetic(text).split(), weight)
    return weights
