"""Advises on sentences that are long, passive or in capitals, or use unexplained acronyms, dates or words like «hoy».

The whole answer gets a score on the INFLESZ scale (Flesch-Szigriszt), from 0 (very hard) to 100 (very easy).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from bot.core.yaml import read_yaml_file
from bot.faq.clarity.sentences import Sentence, sentences_in
from bot.faq.clarity.syllables import syllables

LONG_WORDS = 25
LOUD_LETTERS = 9
MOST_NOTES = 20
LEVELS = ((80, "muy_facil"), (65, "facil"), (55, "normal"), (40, "dificil"), (-1000, "muy_dificil"))
ACRONYM = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,7}\b")
TO_BE = r"(?:es|son|era|eran|fue|fueron|será|serán|sería|serían|sea|sean|ser|sido|siendo)"
LOUD_ROW = re.compile(r"\b[A-ZÁÉÍÓÚÜÑ]+(?: [A-ZÁÉÍÓÚÜÑ]+)+\b")
SHOUTED = re.compile(r"[!¡]{2,}")
DAY = re.compile(
    r"\b(\d{1,2})\s+de\s+([a-z]+)\s+(?:de\s+|del\s+)?(\d{4})\b|\b(\d{1,2})[-/](\d{1,2})[-/](\d{4})\b", re.I
)


@dataclass(frozen=True)
class Note:
    """Advice on one sentence.

    ``code`` is a key of ``entradas.claridad.consejos``, and ``facts`` are the values of its placeholders.
    """

    code: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Clarity:
    """The score of an answer, its level (a key of ``entradas.claridad.niveles``), and the notes on its sentences.

    An answer without words has the score 0 and the level ''.
    """

    score: int
    level: str
    notes: tuple[Note, ...]


def clarity_of(body: str, today: date, expires: date | None = None) -> Clarity:
    """Assesses the clarity of the answer ``body``; ``expires`` is the entry's last day, if any.

    The result contains only the first MOST_NOTES notes.
    """
    sentences = list(sentences_in(body))
    score = _score(sentences)
    level = next(name for least, name in LEVELS if score >= least) if sentences else ""
    known = _Known(body, today, expires)
    notes = (note for sentence in sentences for note in known.notes_on(sentence))
    return Clarity(score, level, tuple(islice(notes, MOST_NOTES)))


def _score(sentences: Sequence[Sentence]) -> int:
    words = [word for one in sentences for word in one.words]
    if not words:
        return 0
    value = 206.835 - 62.3 * sum(map(syllables, words)) / len(words) - len(words) / len(sentences)
    return round(min(max(value, 0), 100))


class _Known:
    """The whole answer, today's date and the expiry date, on which the notes on a sentence depend."""

    def __init__(self, body: str, today: date, expires: date | None) -> None:
        self._body, self._today, self._expires = body, today, expires
        self._told: set[str] = set()

    def notes_on(self, sentence: Sentence) -> Iterator[Note]:
        if (count := len(sentence.words)) > LONG_WORDS:
            yield Note("larga", sentence.raw, {"palabras": count, "maximo": LONG_WORDS})
        if passive := _passive().search(sentence.text):
            yield Note("pasiva", sentence.raw, {"escrito": passive.group()})
        if SHOUTED.search(sentence.raw) or _is_loud(sentence):
            yield Note("gritada", sentence.raw)
        else:
            yield from self._acronyms(sentence)
        yield from self._dates(sentence)

    def _acronyms(self, sentence: Sentence) -> Iterator[Note]:
        """Yields a note at the first use of each uncommon acronym that the answer does not explain in parentheses."""
        for name in ACRONYM.findall(sentence.text):
            if name in self._told or name in _words()["siglas"]:
                continue
            self._told.add(name)
            if not re.search(rf"\(\**{name}\**\)|\b{name}\**\s*\(", self._body):
                yield Note("sigla", sentence.raw, {"sigla": name})

    def _dates(self, sentence: Sentence) -> Iterator[Note]:
        for found in DAY.finditer(sentence.text):
            day = _day(found)
            if day is None:
                continue
            if day < self._today:
                yield Note("fecha_pasada", sentence.raw, {"fecha": found.group()})
            elif self._expires is None or self._expires > day:
                yield Note("fecha_sin_vence", sentence.raw, {"fecha": found.group()})
        if (passing := _passing().search(sentence.text)) and self._expires is None:
            yield Note("pasa", sentence.raw, {"escrito": passing.group()})


def _is_loud(sentence: Sentence) -> bool:
    """Returns whether consecutive words in capitals have at least LOUD_LETTERS letters together.

    Two acronyms have fewer letters.
    """
    rows = LOUD_ROW.findall(sentence.text)
    return any(sum(map(str.isalpha, row)) >= LOUD_LETTERS for row in rows)


def _day(found: re.Match[str]) -> date | None:
    day, month, year, *numbers = found.groups()
    months: list[str] = _words()["meses"]
    if month and month.lower() not in months:
        return None
    parts = (year, months.index(month.lower()) + 1, day) if month else (numbers[2], numbers[1], numbers[0])
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml_file(Path(__file__).parent / "words.yml")
    return found


@cache
def _passive() -> re.Pattern[str]:
    irregular = "|".join(f"{word[:-1]}[oa]s?" for word in _words()["participios"])
    excluded = "|".join(_words()["no_participios"])
    return re.compile(rf"\b{TO_BE}\s+(?!(?:{excluded})\b)(?:[a-zñü]+(?:ad|id)[oa]s?|{irregular})\b", re.IGNORECASE)


@cache
def _passing() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, _words()['pasan']))})\b", re.IGNORECASE)
