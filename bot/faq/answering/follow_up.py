"""Recognizes signs of follow-ups ("¿y cuánto sale?") and possible ways to split a message into two questions.

The signs and the splits decide nothing; the probabilities of the entries do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.core.texts import area
from bot.faq.ranking.coefficients import tuned
from bot.faq.words.keywords import NO_SUBJECTS, Subjects, content_stems, general_stems, may_be_subjects
from bot.faq.words.wording import stays
from bot.text.normalize import plain
from bot.text.phrases import Phrases

FIRST_WORDS = 3
AT_WHAT_TIME = re.compile(r"\ba que hora")
BREAK = re.compile(r"[?.;!\n]+|,\s+")


def goes_on(text: str) -> bool:
    """Returns whether the message begins with a word that continues the previous subject («y», «pero»)."""
    return not _words("continua").isdisjoint(plain(text).split()[:1])


def turns_away(text: str) -> bool:
    """Returns whether one of the first words ends the previous subject («ya lo hice», «gracias»)."""
    return not _words("concluye").isdisjoint(plain(text).split()[:FIRST_WORDS])


def only_skips_a_step(text: str, *, even_tells: bool = False) -> bool:
    """Returns whether ``text`` only asks what happens if a step is skipped or late: «¿y si no voy?».

    With ``even_tells``, also returns True for a text that only states that a step is skipped: «entonces no voy», but
    not «mejor no hago nada».
    """
    words, known = plain(text), area("faq")["si_no_lo_hace"]
    starts = (*known["empieza"], *(known["empieza_diciendo"] if even_tells else ()))
    begins = any(words.startswith(f"{one} ") for one in starts)
    asked = any(words.startswith(f"{one} ") for one in known["empieza"])
    steps = (*known["paso"], *(known["paso_preguntado"] if asked else ()))
    return begins and Phrases([*starts, *steps, *known["relleno"]]).are_all_of(words)


def last_question(text: str) -> str:
    """Returns the question, normalized, after words such as «una última cosa, ¿...?»; '' if there are none."""
    words, known = plain(text), area("faq")["ultima_pregunta"]
    before, announced = ("|".join(known[key]) for key in ("antes", "frases"))
    found = re.match(rf"(?:(?:{before}) )*(?:{announced}) (?P<rest>.+)", words)
    rest = found["rest"] if found else ""
    asking = re.match(rf"(?:(?:a|en|hasta|desde|por|para|con) que|{'|'.join(_words('interroga'))})\b", rest)
    return rest if "?" in text or asking else ""


def names_it(text: str) -> bool:
    """Returns whether the message continues the previous subject and names it «eso»: «¿y eso para qué sirve?»."""
    return goes_on(text) and not _words("lo_nombra").isdisjoint(plain(text).split()[:FIRST_WORDS])


def asks_three(text: str) -> bool:
    """Returns whether ``text`` seems to ask three or more questions, of which at most two are answered."""
    folded = plain(text)
    asking = sum(word in _words("interroga") for word in folded.split()) + len(AT_WHAT_TIME.findall(folded))
    return max(asking, text.count("?")) > 2


def is_bare(text: str, subjects: Subjects = NO_SUBJECTS) -> bool:
    """Returns whether ``text`` contains only words that apply to any procedure, such as "cuánto se demora".

    ``subjects`` are those of ``Keywords``, which name something. Returns False for an empty text.
    """
    return bool(text.strip()) and not own_stems(text, subjects)


def names_no_procedure(text: str, subjects: Subjects) -> bool:
    """Returns whether ``text`` is bare, or names its matter only with a pronoun or a means of payment."""
    return is_bare(text, subjects) or stays(text, subjects)


def own_stems(text: str, subjects: Subjects = NO_SUBJECTS) -> frozenset[str]:
    """Returns the stems of ``text`` without those that apply to any procedure, except ``subjects`` of the agency."""
    return (content_stems(text) - general_stems()) | (may_be_subjects(text) & subjects)


def is_whole(text: str) -> bool:
    """Returns whether ``text`` reads like a complete question: long, about a procedure, and not a continuation."""
    numbers, words = tuned().follow_up, plain(text).split()
    long = len(words) >= numbers.whole_words and len(own_stems(text)) >= numbers.whole_own_stems
    return long and not goes_on(text) and not turns_away(text)


@dataclass(frozen=True)
class Cut:
    """A message split in two; ``adds`` is true if a word before the second part surely adds something («además»)."""

    first: str
    second: str
    adds: bool

    @property
    def parts(self) -> tuple[str, str]:
        return self.first, self.second

    @property
    def is_clear(self) -> bool:
        """Returns whether the parts surely are two: a word adds the second, or both ask something."""
        return self.adds or all(map(asks_something, self.parts))


def in_two(text: str, subjects: Subjects = NO_SUBJECTS) -> list[Cut]:
    """Returns ways to split ``text`` into two questions, at punctuation and before conjunctions ("y", "además").

    Each part must have enough words and name something. Returns at most ``maximum_cuts`` ways, clear ones first.
    """
    numbers = tuned().follow_up
    breaks = [found.end() for found in BREAK.finditer(text)]
    joins = [found.start() for found in _joins().finditer(text)]
    cuts = (_cut(text[:position].strip(), text[position:].strip()) for position in sorted({*breaks, *joins}))
    minimum = numbers.minimum_part_words
    usable = [
        one for one in cuts if all(len(part.split()) >= minimum and own_stems(part, subjects) for part in one.parts)
    ]
    return sorted(usable, key=lambda one: not one.is_clear)[: numbers.maximum_cuts]


def _cut(first: str, second: str) -> Cut:
    begins = f" {' '.join(plain(second).split()[:FIRST_WORDS])} "
    return Cut(first, second, any(f" {one} " in begins for one in area("faq")["agrega"]))


def asks_something(part: str) -> bool:
    return not _words("pide").isdisjoint(plain(part).split())


@lru_cache(maxsize=1)
def _joins() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_words("une"), key=len, reverse=True))
    return re.compile(rf"(?<=\s)(?:{words})(?=\s)", re.IGNORECASE)


@lru_cache(maxsize=8)
def _words(key: str) -> frozenset[str]:
    return frozenset(str(area("faq")[key]).split())
