"""Recognizes messages of one or two words that name several entries: "licencia", "pagar multa".

Such a message is too vague for a confident answer but too clear for a handoff, so these entries are offered. The same
stems also give a quick guess of the entry that a part of a message is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import log

import snowballstemmer

from bot.core.messages import Candidate
from bot.core.texts import area
from bot.faq.entries.entry import Entry
from bot.faq.entries.sections import general_words
from bot.text.normalize import KEPT_LENGTH, plain

MAX_WORDS = 2
LEAST_CHANCE = 0.01  # an entry that is less likely is not offered, although the message names it («casar», «casa»)
SHORT_UTTERANCE = 4  # the stems of a variant name its entry if the variant has at most this many words
SUBJECT_OF = 5  # a word in the questions of more than one entry of so many says what the agency does
LEAST_SUBJECT_OF = 2  # entries, at a small agency
KEPT_STEMS, KEPT_ENTRIES = 20_000, 50_000

Subjects = frozenset[str]
NO_SUBJECTS: Subjects = frozenset()


class Keywords:
    """The stems of each entry's question and short variants.

    ``subjects`` are stems of words that name nothing at most agencies («examen», «consulta»), but are
    the subject of a few entries of this one.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.subjects = _subjects_of(entries)
        self._stems: dict[str, frozenset[str]] = {}
        for entry in entries:
            about = _about(entry.question, entry.variants) | (may_be_subjects(entry.question) & self.subjects)
            self._stems[entry.id] = self._stems.get(entry.id, frozenset()) | about
        self._entry_counts = Counter(stem for stems in self._stems.values() for stem in stems)
        questions = {entry.id: content_stems(entry.question) for entry in reversed(entries)}
        self._things = {id: stems - _obtaining() for id, stems in questions.items() if stems & _obtaining()}
        any_procedure = _any_procedure() - self.subjects
        self._subjects = {id: stems - _obtaining() - any_procedure for id, stems in questions.items()}

    def named(self, text: str) -> frozenset[str]:
        """Returns the ids of the entries whose stems include all stems of the message.

        Empty if the message has more than MAX_WORDS content stems, or none.
        """
        wanted = content_stems(text)
        if not 1 <= len(wanted) <= MAX_WORDS:
            return frozenset()
        return frozenset(entry for entry, stems in self._stems.items() if wanted <= stems)

    def named_among(self, text: str, candidates: Sequence[Candidate], most: int) -> tuple[Candidate, ...]:
        """Returns the candidates that the message names, at most ``most``.

        If the message only wants to get a thing of a kind, of which the likeliest entry is one («sacar un
        certificado»), it names every candidate about that kind of thing. If only the likeliest entry is about what it
        wants to get («pedir la cartola»), it names that one.
        """
        likely = tuple(one for one in candidates if one.confidence >= LEAST_CHANCE)
        thing, named = _thing_wanted(text), self.named(text)
        if likely and self._is_kind(thing, likely[0].entry):
            named = self._entries_on(thing)
        elif likely and not named and self._entries_on(thing) == {likely[0].entry}:
            named = frozenset((likely[0].entry,))
        return tuple(one for one in likely if one.entry in named)[:most]

    def _entries_on(self, thing: frozenset[str]) -> frozenset[str]:
        return frozenset(id for id, stems in self._stems.items() if thing and thing <= stems)

    def _is_kind(self, thing: frozenset[str], id: str) -> bool:
        """Returns whether ``thing`` is a kind of things, and the entry ``id`` on how to get one of them.

        False if no other entry is on how to get one, or if the question of one of them says no more than ``thing``.
        """
        alike = {one: asked for one, asked in self._things.items() if thing and thing <= asked}
        return id in alike and len(alike) > 1 and thing not in alike.values()

    def most_named(self, stems: frozenset[str], ids: Iterable[str] | None = None) -> str | None:
        """Returns the id, among ``ids``, of the entry whose keywords best match ``stems``; None if no entry matches.

        Without ``ids``, all entries count. Rare stems have a larger weight.
        """
        best = max(
            self._stems if ids is None else ids, key=lambda id: self._weight(stems & self._stems[id]), default=None
        )
        return best if best is not None and self._weight(stems & self._stems[best]) > 0 else None

    def names(self, stems: frozenset[str], id: str) -> bool:
        """Returns whether one of ``stems`` names the entry ``id``."""
        return not stems.isdisjoint(self._stems[id])

    def tell_apart(self, stems: frozenset[str], id: str, other: str) -> bool:
        """Returns whether one of ``stems`` names the entry ``id``, but not the entry ``other``."""
        return not stems.isdisjoint(self._stems[id] - self._stems[other])

    def strangers(self, stems: frozenset[str], id: str) -> frozenset[str]:
        """Returns the ids of the entries whose subject is not that of the entry ``id``, and that no stem names.

        Two entries have the same subject if a word of one's question, other than verbs of getting and words that apply
        to any procedure, is in the other's.
        """
        apart = (one for one, subject in self._subjects.items() if one != id and subject.isdisjoint(self._subjects[id]))
        return frozenset(one for one in apart if not self.tell_apart(stems, one, id))

    def _weight(self, stems: frozenset[str]) -> float:
        return sum(log(len(self._stems) / self._entry_counts[stem]) for stem in stems)


@lru_cache(maxsize=KEPT_ENTRIES)
def _about(question: str, variants: tuple[str, ...]) -> frozenset[str]:
    """Returns the stems of the question and short variants; cached, so that a reload stems only changed entries."""
    short = (utterance for utterance in variants if len(utterance.split()) <= SHORT_UTTERANCE)
    return frozenset(stem for text in (question, *short) for stem in content_stems(text))


def _subjects_of(entries: Sequence[Entry]) -> Subjects:
    by_id: dict[str, frozenset[str]] = {}
    for entry in entries:
        by_id[entry.id] = by_id.get(entry.id, frozenset()) | may_be_subjects(entry.question)
    most = max(LEAST_SUBJECT_OF, len(by_id) // SUBJECT_OF)
    counts = Counter(stem for stems in by_id.values() for stem in stems)
    return frozenset(stem for stem, count in counts.items() if count <= most)


def may_be_subjects(text: str) -> frozenset[str]:
    """Returns the stems of the words of ``text``, of all their forms, that name something only where an entry does."""
    words = _no_subjects().sub(" ", plain(text)).split()
    return frozenset().union(*(_possible_subjects().get(word, ()) for word in words))


def content_stems(text: str) -> frozenset[str]:
    """Returns the stems of the content words; omits articles, greetings and phrases such as "necesito saber"."""
    return frozenset(_stems(word for word in plain(text).split() if word not in _fillers()))


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]


def stem(word: str) -> str:
    """Stems a word; caches only short words of letters, since others may be personal data."""
    return _kept_stem(word) if word.isalpha() and len(word) <= KEPT_LENGTH else _stemmed(word)


def _stemmed(word: str) -> str:
    """Returns the Spanish stem of a word.

    Creates a new stemmer each time, since a stemmer stores the word and is not thread-safe.
    """
    return str(snowballstemmer.stemmer("spanish").stemWord(word))


_kept_stem = lru_cache(maxsize=KEPT_STEMS)(_stemmed)


def _thing_wanted(text: str) -> frozenset[str]:
    """Returns the stems of what a short message wants to get; empty if it has no verb of getting or says more."""
    wanted = content_stems(text) - _joining()
    thing = wanted - _obtaining()
    return thing if thing != wanted and len(wanted) <= MAX_WORDS else frozenset()


@lru_cache(maxsize=1)
def _obtaining() -> frozenset[str]:
    """Returns the stems of verbs that ask to get something, whatever it is."""
    return frozenset(_stems(str(area("faq")["consigue"]).split()))


@lru_cache(maxsize=1)
def _joining() -> frozenset[str]:
    """Returns the stems of words with which a message goes on or ends the matter before: «ahora», «también»."""
    return frozenset(_stems(f"{area('faq')['continua']} {area('faq')['concluye']}".split()))


@lru_cache(maxsize=1)
def general_stems() -> frozenset[str]:
    """Returns the stems that apply to any procedure, such as those for cost, papers, hours and place."""
    return content_stems(str(area("faq")["generales"]))


@lru_cache(maxsize=1)
def _no_subjects() -> re.Pattern[str]:
    """Returns the pattern of phrases that name nothing, whatever the agency: «¿a qué hora?», «hola, una consulta»."""
    starts, always = ("|".join(area("faq")["no_es_asunto"][key]) for key in ("al_comienzo", "siempre"))
    return re.compile(rf"^(?:{starts})\b|\b(?:{always})\b")


@lru_cache(maxsize=1)
def _possible_subjects() -> Mapping[str, frozenset[str]]:
    """Maps each form of a word to the stems of all its forms: that of «exámenes» is not that of «examen»."""
    forms = [str(one).split() for one in area("faq")["puede_ser_asunto"]]
    return {word: frozenset(_stems(some)) for some in forms for word in some}


@lru_cache(maxsize=1)
def _any_procedure() -> frozenset[str]:
    return general_stems() | content_stems(general_words())


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(str(area("faq")["palabras_vacias"]).split())
