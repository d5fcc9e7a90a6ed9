"""Recognizes the words of a question, from the list ``interrogativas`` of bot/core/texts/agency.yml.

Each use takes the parts of the list that fit it. Only ``asks``, where a mistake would reply to a farewell, has its own,
narrower list: ``preguntas_sin_signos``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile

from bot.core.texts import area
from bot.text.normalize import phonetic, plain

QUESTION_MARKS = frozenset("¿?")
CLAUSE_ENDS = re.compile(r"[.,;:!\n]+")
ANYWHERE, FIRST, ALSO_TELLS, WISHES = "siempre", "al_comienzo", "tambien_cuenta", "deseos"
POLITE_WITHIN = 3  # words after the interrogative among which one of ``de_cortesia`` counts
WHAT_IF = 3  # words of «y si» and what it asks, at least one more
THANKS_FROM = 1  # words after the interrogative before which ``agradecen`` does not count: «cuándo nos vemos»


def has_mark(text: str) -> bool:
    """Returns whether the text has a question mark."""
    return not QUESTION_MARKS.isdisjoint(text)


def asks(text: str) -> bool:
    """Returns whether the text has a question mark, or a clause that surely asks without one.

    The words of such clauses are in ``preguntas_sin_signos``; «como usted diga» and «que bueno» are none of them.
    """
    return has_mark(text) or any(map(_surely_asks, CLAUSE_ENDS.split(text)))


def asks_or_wishes(words: Sequence[str]) -> bool:
    """Returns whether any of the words, in lower case and without accents, asks or wishes for something."""
    return not _words(ANYWHERE, WISHES).isdisjoint(words)


def begins_asking(words: Sequence[str], *, tells: bool = False) -> bool:
    """Returns whether questions begin with the first of the words, in lower case and without accents.

    «y» and the like before it do not count. With ``tells``, «hay» does not count, since the text may tell something
    («hay un error»).
    """
    going_on = frozenset(area("agency")["sigue_la_pregunta"])
    first = next(dropwhile(going_on.__contains__, words), "")
    return first in _words(ANYWHERE, FIRST, *(() if tells else (ALSO_TELLS,)))


def may_ask(text: str) -> bool:
    """Returns whether the text may ask or wish («a qué hora abren», «farmacia de turno»), and does not only tell.

    Only a text that begins like a story («tiene 4 meses») and asks for nothing tells.
    """
    words, known = plain(text).split(), area("agency")["cuenta_en_peligro"]
    before = frozenset(area("agency")["pregunta_abierta"]["antes"])
    opening = list(dropwhile(before.__contains__, words))
    tells = not opening or (opening[0] in known["empieza"] and set(known["pide"]).isdisjoint(words))
    return not tells or asks(text) or asks_or_wishes(words) or begins_asking(opening, tells=True)


def asks_openly(text: str) -> bool:
    """Returns whether the text begins with «dónde», «cuánto» and the like, as no thanks or farewell does.

    «y» and prepositions before the word do not count. «Cuando quieras» and «como usted diga» ask nothing. With words
    of thanks or farewell after it («como me dijo lo hice, gracias»), the text must surely ask (``asks``).
    """
    known = area("agency")["pregunta_abierta"]
    first, rest = _opened(text)
    if first not in _words(ANYWHERE).difference(known["no_abren"]) or _only_tells(first, rest):
        return False
    later = f" {' '.join(rest[THANKS_FROM:])} "
    thanks = any(f" {one} " in later for one in known["agradecen"])
    return set(known["de_cortesia"]).isdisjoint(rest[:POLITE_WITHIN]) and (not thanks or asks(text))


def asks_openly_at_last(text: str) -> bool:
    """Returns whether the text, or a clause after its first one, asks openly: «chao, ah, dónde pago el agua»."""
    _, *later = CLAUSE_ENDS.split(text)
    return asks_openly(text) or any(map(asks_openly, later))


def without_told(text: str) -> str:
    """Returns the text without its clauses that begin like a question and tell («cuando tenga los papeles voy»).

    Returns a text that surely asks unchanged.
    """
    if asks(text):
        return text
    return ", ".join(one.strip() for one in CLAUSE_ENDS.split(text) if not _only_tells(*_opened(one)))


def _opened(text: str) -> tuple[str, list[str]]:
    """Returns the first word after «y» and prepositions, '' if there is none, and those after it."""
    opening = {*area("agency")["sigue_la_pregunta"], *area("agency")["pregunta_abierta"]["antes"]}
    first, *rest = [*dropwhile(opening.__contains__, plain(text).split()), ""]
    return first, rest


def _only_tells(first: str, rest: Sequence[str]) -> bool:
    """Returns whether the words tell, and ask nothing further on: «cuando llegue la carta qué hago» asks."""
    known = area("agency")["pregunta_abierta"]
    after = f"{' '.join(rest)} "
    if not after.startswith(tuple(f"{one} " for one in known["cuentan"].get(first, ()))):
        return False
    asking = any(f" {one} " in f" {after}" for one in known["preguntan_despues"])
    return not asking and all(
        _only_tells(word, rest[at:]) for at, word in enumerate(rest, 1) if word in _words(ANYWHERE)
    )


def asks_what_if(text: str) -> bool:
    """Returns whether a clause after the first asks with «y si»: «gracias, y si vivo de allegada»."""
    promises = area("agency")["pregunta_abierta"]["promete"]
    later = (plain(one).split() for one in CLAUSE_ENDS.split(text)[1:])
    return any(one[:2] == ["y", "si"] and len(one) > WHAT_IF and set(promises).isdisjoint(one) for one in later)


@dataclass(frozen=True)
class _Pairs:
    """What ``preguntas_sin_signos`` and ``sigue_la_pregunta`` list, folded by sound."""

    begins: Mapping[str, re.Pattern[str]]  # for each question word, what follows it
    going_on: frozenset[str]
    deny: frozenset[str]


def _surely_asks(clause: str) -> bool:
    pairs = _pairs()
    words = list(dropwhile(pairs.going_on.__contains__, phonetic(clause).split()))
    begins = pairs.begins.get(words[0]) if words else None
    return begins is not None and pairs.deny.isdisjoint(words) and bool(begins.match(" ".join(words[1:])))


@cache
def _pairs() -> _Pairs:
    texts = area("agency")
    known = texts["preguntas_sin_signos"]
    pronouns, states = (_any_of(known[part]) for part in ("pronombres", "afirman"))
    begins = {
        phonetic(first): re.compile(rf"(?:{pronouns} )*{_any_of(following)}(?! {states}\b)")
        for first, following in known["pares"].items()
    }
    going_on, deny = (frozenset(map(phonetic, words)) for words in (texts["sigue_la_pregunta"], known["niegan"]))
    return _Pairs(begins, going_on, deny)


def _any_of(phrases: Iterable[str]) -> str:
    return rf"\b(?:{'|'.join(map(phonetic, phrases))})\b"


def _words(*parts: str) -> frozenset[str]:
    known = area("agency")["interrogativas"]
    return frozenset(word for part in parts for word in known[part])
