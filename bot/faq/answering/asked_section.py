"""Finds the sections of an answer that a follow-up such as «¿y cuánto sale?» clearly asks for.

``sections.yml`` (bot/faq/entries) lists the phrases that ask for each kind of section. A message is clear only if the
entry has every section asked for, and each other word of the message is general or occurs in the entry's question or in
those sections: «¿y cuánto sale para extranjeros?» is clear only if the section says what foreigners pay. Words are
compared by the stem of their phonetic form. An answer without a section about the cost may still state an amount; a
message about the cost then asks for the whole answer, since a sentence with an amount may be about something else. To a
citizen who has the whole answer already, the sentence that comes nearest is quoted (``nearest_sentence``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from bot.faq.answering.follow_up import only_skips_a_step
from bot.faq.entries.sections import (
    Parts,
    Section,
    Words,
    days,
    fillers,
    general_words,
    kinds,
    parts_of,
    words_beside_days,
)
from bot.faq.words.keywords import content_stems, stem
from bot.text.normalize import SHORT_FORMS, phonetic, plain

COST, DURATION, HOURS = "costo", "duracion", "horario"  # kinds of section
HOUR = "hora"  # «a qué hora» is not answered by «pide hora»
AMOUNT = re.compile(r"\$ ?\d|\b\d+ (?:pesos|UTM|UF)\b|\bgratis\b|\bgratuit[oa]s?\b", re.IGNORECASE)
CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
STATED = {COST: AMOUNT, HOURS: CLOCK}  # what an answer without such a section may state
MAX_SENTENCES_WITH_HOURS = 3
ITEM = re.compile(r"^(?:[-*+]|\d+[.)])\s+")
SAINT = re.compile(r"\bsanto +\w+", re.IGNORECASE)  # «Santo Domingo» is no day
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\Wa-z\d_]|[¿¡*\[])")
MAX_SECTIONS = 2  # a message that asks for more gets the whole answer
WHOLE = "="  # prefix of a phrase that asks for a section only if the phrase is the whole message
CLITICS = re.compile(r"(?<=[aei]r)(?:[mts]e|nos)?(?:l[aeo]s?|se)?$")  # «pedirla», «inscribirse»
NEVER_GENERAL = frozenset({"si", "no", "sin"})  # these words point to a special case, as in «¿y si no tengo carnet?»
LINKING = frozenset("mismo misma igual tambien despues entonces ahora antes solo entiendo dice decir".split())
CACHED_WORDS, CACHED_LENGTH = 20_000, 30


def asked_sections(text: str, question: str, body: str) -> tuple[Section, ...]:
    """Returns the sections of an entry's ``body`` that the message clearly asks for, or ().

    ``question`` is the entry's question.
    """
    phrases, rest = _split(_keys(text))
    parts = parts_of(body)
    found = [_sections(parts, _questions()[phrase]) for phrase in phrases]
    wanted = {section for sections in found for section in sections}
    if not found or not all(found) or len(wanted) > MAX_SECTIONS:
        return ()
    known = {*_about(phrases, question), *(key for one in wanted for key in _all_keys(one.text))}
    if not known.difference(NEVER_GENERAL).issuperset(rest):
        return ()
    return tuple(one for one in parts.sections if one in wanted)


def asks_about(text: str, question: str, body: str) -> bool:
    """Returns whether the message surely asks for sections of ``body``, or for a cost or hours stated there.

    Also returns True if it names nothing but days, of which ``body`` names one («¿y mañana sábado?», «¿y los domingos
    abren?»).
    A substitute for a missing section is not enough, nor is a single word that only resembles a phrase of sections.yml
    or may mean something else («vale»).
    """
    if _names_only_days(text, body):
        return True
    phrases, _ = _split(_keys(text))
    if not phrases or not all(_is_plain(phrase, text) for phrase in phrases):
        return False
    names, parts = [_questions()[phrase] for phrase in phrases], parts_of(body)
    if all(any(parts.of_kind(name) for name in some) for some in names):
        return bool(asked_sections(text, question, body))
    stated = [one for kind, one in STATED.items() if all(kind in some for some in names)]
    return asks_only_sections(text, question) and any(one.search(body) for one in stated)


def asks_only_sections(text: str, question: str) -> bool:
    """Returns whether the message plainly asks for a kind of section («¿y dónde es?») and for nothing else.

    Words of ``question``, the question of the entry sent last, may occur, too. Also returns True for a message about a
    step that is skipped («¿y si no voy?»): it is about that entry, whatever small talk it resembles.
    """
    if only_skips_a_step(text):
        return True
    phrases, rest = _split(_keys(text))
    known = _about(phrases, question) - NEVER_GENERAL
    return bool(phrases) and all(_is_plain(phrase, text) for phrase in phrases) and known.issuperset(rest)


def asks_only_cost(text: str) -> bool:
    """Returns whether the message plainly asks what something costs, and nothing else: «cuánto me va a salir eso»."""
    phrases, _ = _split(_keys(text))
    about_cost = bool(phrases) and all(COST in _questions()[phrase] for phrase in phrases)
    return about_cost and asks_only_sections(text, "")


def nearest_sentence(text: str, question: str, body: str) -> str:
    """Returns the sentence of an entry's ``body``, in Markdown, that shares most words with the message; '' if none.

    Words of the ``question`` and those that apply to any procedure do not count. For a message about the cost, the
    first sentence with an amount does; for one about the hours, the first few with a time of day.
    """
    phrases, _ = _split(_keys(text))
    told = {_key(word) for word in _words(text) if content_stems(word) and word not in LINKING}
    of_day = _all_keys(HOUR) if any(HOURS in _questions()[phrase] for phrase in phrases) else frozenset()
    wanted = told - _general() - NEVER_GENERAL - _all_keys(question) - of_day
    sentences = _sentences(body)
    shared = [len(wanted & _all_keys(one)) for one in sentences]
    if wanted and max(shared, default=0) > 0:
        return sentences[shared.index(max(shared))]
    if any(COST in _questions()[phrase] for phrase in phrases):
        return next(filter(AMOUNT.search, sentences), "")
    return "\n\n".join(list(filter(CLOCK.search, sentences))[:MAX_SENTENCES_WITH_HOURS]) if of_day else ""


def _sentences(body: str) -> list[str]:
    lines = (ITEM.sub("", line.strip()) for line in body.split("\n") if not line.startswith("#"))
    return [one for line in lines for one in SENTENCE_END.split(line) if any(char.isalpha() for char in one)]


def mentions_a_section(text: str) -> bool:
    """Returns whether the message contains words that ask for a kind of section: «cuánto vale el pasaporte»."""
    return bool(_split(_keys(text))[0])


def _names_only_days(text: str, body: str) -> bool:
    """Returns whether the message names days, of which ``body`` names one, and else only asks for opening hours."""
    keys, named = set(_keys(text)), _all_keys(" ".join(days()))
    open_on = named & _all_keys(SAINT.sub(" ", body))
    return keys <= named | _all_keys(words_beside_days()) and not keys.isdisjoint(open_on)


def _about(phrases: Sequence[Words], question: str) -> frozenset[str]:
    """Returns the words that a message may contain beside ``phrases``: general ones, and those of ``question``.

    Beside a phrase that asks how long something is valid, words of other such phrases may occur, too: «por cuánto
    tiempo sirve».
    """
    known = _general() | _all_keys(question)
    if not any(DURATION in _questions()[phrase] for phrase in phrases):
        return known
    return known.union(*(phrase for phrase, names in _questions().items() if DURATION in names))


def _is_plain(phrase: Words, text: str) -> bool:
    """Returns whether a phrase has several words, or is a single word that the message spells as sections.yml does."""
    if phrase[0] == WHOLE:
        return len(phrase[1:]) > 1
    return len(phrase) > 1 or not _single_words().isdisjoint(map(phonetic, _words(text)))


def _split(words: Words) -> tuple[list[Words], list[str]]:
    """Returns the phrases of a message that ask for a kind of section, and the words outside these phrases."""
    if (WHOLE, *words) in _questions():
        return [(WHOLE, *words)], []
    asked: list[Words] = []
    rest: list[str] = []
    while words:
        if phrase := _phrase_at(words):
            asked.append(phrase)
        else:
            rest.append(words[0])
        words = words[len(phrase) or 1 :]
    return asked, rest


def _phrase_at(words: Words) -> Words:
    """Returns the longest phrase at the start of ``words`` that asks for a section; () if there is none."""
    longest = min(_longest(), len(words))
    starts = (words[:length] for length in range(longest, 0, -1))
    return next((start for start in starts if start in _questions()), ())


def _sections(parts: Parts, names: Sequence[str]) -> tuple[Section, ...]:
    """Returns the sections of the kinds ``names``; if there are none, those of the first substitute kind present."""
    found = tuple(one for one in parts.sections if one.kinds.intersection(names))
    if found:
        return found
    instead = dict.fromkeys(other for name in names for other in kinds()[name].instead)
    return next(filter(None, map(parts.of_kind, instead)), ())


def _keys(text: str) -> Words:
    """Returns the comparison keys of the words of ``text`` in order, without fillers."""
    return tuple(_key(word) for word in _words(text) if phonetic(word) not in fillers())


@lru_cache(maxsize=CACHED_WORDS)
def _all_keys(text: str) -> frozenset[str]:
    return frozenset(map(_key, _words(text)))


def _words(text: str) -> list[str]:
    return " ".join(SHORT_FORMS.get(word, word) for word in plain(text).split()).split()


def _key(word: str) -> str:
    """Returns the comparison key of a word; caches only short words of letters, since others may be personal data."""
    return _cached_key(word) if word.isalpha() and len(word) <= CACHED_LENGTH else stem(phonetic(word))


@lru_cache(maxsize=CACHED_WORDS)
def _cached_key(word: str) -> str:
    sound = phonetic(word)
    if sound in days():  # the stem of «sábado» is that of «saber»
        return sound.removesuffix("s")
    return stem(phonetic(CLITICS.sub("", word)))


@cache
def _questions() -> Mapping[Words, tuple[str, ...]]:
    """Maps the keys of each phrase to the kinds of section that it asks for."""
    found: defaultdict[Words, list[str]] = defaultdict(list)
    for name, kind in kinds().items():
        for phrase in kind.questions:
            keys = _keys(phrase)
            found[(WHOLE, *keys) if phrase.startswith(WHOLE) else keys].append(name)
    return {phrase: tuple(dict.fromkeys(names)) for phrase, names in found.items() if phrase}


@cache
def _single_words() -> frozenset[str]:
    """Returns the phonetic forms of the phrases of one word."""
    return frozenset(phonetic(one) for kind in kinds().values() for one in kind.questions if len(one.split()) == 1)


@cache
def _general() -> frozenset[str]:
    return _all_keys(general_words())


@cache
def _longest() -> int:
    return max(map(len, _questions()))
