"""Finds answers by words, however they are spelled: *kiero renobar la lisensia* finds the driver's license.

Words are compared by their phonetic form (bot/text/normalize.py); a searched word also matches longer words that begin
with it. A searched word that matches nothing is replaced with the most similar words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise

from bot.core.texts import say
from bot.faq.entries.entry import Entry
from bot.text.normalize import phonetic, plain

IN_QUESTION, IN_VARIANT, IN_BODY = 4, 2, 1
MAX_WORDS = 12
ENOUGH = 3  # if this many entries have the only searched word in their question, the others are left out
FEW = 4  # if there are fewer results, entries that match one word less are added
MIN_PREFIX = 3  # minimum length of the phonetic form of a word that also matches longer words
MIN_LETTERS = 4  # minimum length of a word that may be misspelled, and of the singular of a searched word
MAX_ENDING = 2  # maximum length of a plural ending: *licencias* also finds licencia
MIN_SIMILARITY = 0.75
COMPARED = 40  # number of words compared in full: those that share most letter pairs with the searched word
KEPT_SOUNDS = 50_000

Place = tuple[int, int]  # the index of an entry, and the weight of the best place where the entry has the word


@dataclass(frozen=True)
class _Index:
    """An index of the words of ``entries``, keyed by their phonetic form.

    ``places`` maps a word to the entries that contain it; ``with_pair`` maps two adjacent letters to the words that
    contain them.
    """

    entries: Sequence[Entry] = ()
    places: Mapping[str, list[Place]] = field(default_factory=dict)
    sorted_words: Sequence[str] = ()
    with_pair: Mapping[tuple[str, str], list[str]] = field(default_factory=dict)

    @classmethod
    def from_entries(cls, entries: Sequence[Entry]) -> _Index:
        places: defaultdict[str, list[Place]] = defaultdict(list)
        for position, one in enumerate(entries):
            for word, weight in _weights(one.question, one.variants, one.body, one.topic).items():
                places[word].append((position, weight))
        with_pair: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for word in places:
            for pair in set(pairwise(word)):
                with_pair[pair].append(word)
        return cls(entries, dict(places), sorted(places), dict(with_pair))

    def matches(self, searched: str) -> list[str]:
        """Returns the indexed words that equal ``searched`` or its singular, or begin with it.

        If there are none, returns similar words.
        """
        words = [one for one in _singulars(searched) if one in self.places]
        if len(searched) >= MIN_PREFIX:
            words += self._beginning_with(searched)
        return words or self._similar(searched)

    def _beginning_with(self, searched: str) -> Iterator[str]:
        for word in self.sorted_words[bisect_left(self.sorted_words, searched) :]:
            if not word.startswith(searched):
                return
            yield word

    def _similar(self, searched: str) -> list[str]:
        if len(searched) < MIN_LETTERS:
            return []
        shared = Counter(word for pair in set(pairwise(searched)) for word in self.with_pair.get(pair, ()))
        near = [(word, count) for word, count in shared.items() if abs(len(word) - len(searched)) <= MAX_ENDING]
        compared = [word for word, _ in sorted(near, key=lambda one: -one[1])[:COMPARED]]
        return get_close_matches(searched, compared, cutoff=MIN_SIMILARITY)

    def weights(self, searched: str) -> dict[int, int]:
        """Maps the position of each entry with a matching word to the highest weight of its matching words."""
        weights: dict[int, int] = {}
        for word in self.matches(searched):
            for position, weight in self.places[word]:
                weights[position] = max(weight, weights.get(position, 0))
        return weights


class Search:
    """A search over the entries that indexes them again when they have changed; thread-safe."""

    def __init__(self) -> None:
        self._index = _Index()

    def find(self, text: str, entries: Sequence[Entry]) -> list[Entry]:
        """Returns the entries that match the most words of ``text``, best first.

        If there are fewer than FEW, adds entries that match one word less, up to FEW in total. For a single word,
        returns the entries whose question contains the word. If there are fewer than ENOUGH of them, adds the entries
        whose utterances or topic contain it. Entries that contain it only in the answer are returned only if there are
        no others.

        Takes less than a millisecond, but longer for misspelled words, and up to a second for the first search.
        """
        index = self._index
        if list(entries) != list(index.entries):
            index = self._index = _Index.from_entries(entries)
        found: Counter[int] = Counter()
        scores: Counter[int] = Counter()
        words = _content(text)[:MAX_WORDS]
        for word in words:
            for position, weight in index.weights(word).items():
                found[position] += 1
                scores[position] += weight
        ranked = sorted(found, key=lambda one: (-found[one], -scores[one], one))
        complete = [one for one in ranked if found[one] == found[ranked[0]]]
        if len(complete) < FEW:
            complete = [one for one in ranked if found[one] >= found[ranked[0]] - 1][:FEW]
        if len(words) == 1:
            asked = [one for one in complete if scores[one] >= IN_QUESTION]
            said = [one for one in complete if scores[one] > IN_BODY]
            complete = asked if len(asked) >= ENOUGH else said or complete
        return [index.entries[one] for one in complete]


def _singulars(word: str) -> list[str]:
    """Returns the word and its possible singulars."""
    return [word, *(word[:-cut] for cut in range(1, MAX_ENDING + 1) if len(word) - cut >= MIN_LETTERS)]


def _content(text: str) -> list[str]:
    """Returns the phonetic forms of the content words or, if there are none, of all words."""
    words = plain(text).split()
    kept = [word for word in words if not _is_filler(word)] or words
    return list(dict.fromkeys(sound for word in kept for sound in _sound(word)))


def _is_filler(word: str) -> bool:
    """Returns whether a word is a filler, even misspelled; «perro» is no filler, although it sounds like «pero»."""
    return word in _fillers() or ("rr" not in word and not _filler_sounds().isdisjoint(_sound(word)))


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(plain(say("faq.palabras_vacias")).split())


@lru_cache(maxsize=1)
def _filler_sounds() -> frozenset[str]:
    return frozenset(_sounds(say("faq.palabras_vacias")))


@lru_cache(maxsize=4096)
def _weights(question: str, variants: tuple[str, ...], body: str, topic: str) -> Mapping[str, int]:
    """Maps the phonetic form of each word of an entry, except fillers, to the highest weight of its occurrences.

    Cached, so that after an edit only the edited entry is weighed again.
    """
    weights: dict[str, int] = {}
    for text, weight in ((body, IN_BODY), (" ".join((*variants, topic)), IN_VARIANT), (question, IN_QUESTION)):
        words = " ".join(word for word in plain(text).split() if word not in _fillers())
        weights |= dict.fromkeys(_sounds(words), weight)
    return weights


def _sounds(text: str) -> list[str]:
    return [sound for word in plain(text).split() for sound in _sound(word)]


@lru_cache(maxsize=KEPT_SOUNDS)
def _sound(word: str) -> tuple[str, ...]:
    """Returns the phonetic form of a word, or of the words that it abbreviates; cached, since texts repeat words."""
    return tuple(phonetic(word).split())
