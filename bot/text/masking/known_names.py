"""Recognizes known given names and surnames, and words that are not names, by the lists of words.yml and of MORE."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from bot.text.masking.found import pattern, without_accents, words
from bot.text.normalize import phonetic

# More names beside those of words.yml, which sound like no word of Spanish, place or company. Given: that the civil
# registry of Chile registered 30 times or more from 1920 to 2021 (package guaguas, CC0). Surnames: of the US census of
# 2010, those that mostly people from Latin America have (public domain).
MORE = {"given": "more_given.txt", "surnames": "more_surnames.txt"}
MIN_LONE = 3  # a name of one unknown word has more letters
MIN_PET_FORM = 5  # a pet form has more phonetic letters than this


def is_given(word: str) -> bool:
    """Returns whether a word sounds like a known given name, or a pet form of one: «Wladimir», «Jhon», «rosita»."""
    if without_accents(word.lower()) in words("bodies"):  # «Feliz» sounds like Félix
        return False
    return sounds_given(phonetic(word))


def sounds_given(sound: str) -> bool:
    """Returns whether ``sound``, of ``phonetic``, is that of a known given name or of a pet form of one."""
    known = sounds("given")
    return sound in known or (len(sound) > MIN_PET_FORM and sound[:-3] + sound[-1] in known and sound[-3:-1] == "it")


def is_pet_form(word: str) -> bool:
    """Returns whether a capitalized word is a pet form of a known given name: «Danielito», «Emilita», «Carmencita»."""
    sound = phonetic(word)
    if not word[:1].isupper() or word.isupper() or len(sound) <= MIN_PET_FORM or sound[-3:-1] != "it":
        return False
    stem, last, known = sound[:-3].removesuffix("s"), sound[-1], sounds("given")
    return bool({sound[:-3], sound[:-3] + last, sound[:-3] + "y" + last, stem, sound[:-3] + "o"} & known)


def is_known(word: str) -> bool:
    """Returns whether a word sounds like a known given name or surname, or ends like a Mapuche surname."""
    return is_given(word) or is_surname(word)


def is_surname(word: str) -> bool:
    """Returns whether a word sounds like a known surname or, with a capital, ends like a Mapuche one: «Curihual»."""
    return phonetic(word) in sounds("surnames") or (word[:1].isupper() and bool(_mapuche().search(word)))


@cache
def _mapuche() -> re.Pattern[str]:
    return re.compile(rf"^\w{{3,}}(?:{pattern('mapuche_endings')})$", re.IGNORECASE)


def is_number_word(written: str) -> bool:
    """Returns whether «rut» or «RUT» is the number, not the name Rut."""
    return written.lower() == "rut" and written != "Rut"


def is_lone_name(word: str) -> bool:
    """Returns whether one unknown capitalized word after «mi hijo» may be a name («Yeremi»), not a state or illness."""
    plain = without_accents(word.lower())
    return (
        len(plain) > MIN_LONE and plain not in words("conditions") | words("neighbour_acts") and looks_like_a_name(word)
    )


def _is_ordinary(word: str) -> bool:
    return without_accents(word.lower()).endswith(tuple(words("ordinary"))) and not is_known(word)


def looks_like_a_name(*written: str) -> bool:
    """Returns whether capitalized words may be a name («Keiner Urdaneta»): none belongs to a trade, state or office."""
    plain = [without_accents(one.lower()) for one in written]
    singular = {*plain, *(one.removesuffix("s").removesuffix("e") for one in plain)}
    lists = ("institutional", "roles", "bodies", "adjectives", "companies")
    return not (
        any(one.isupper() for one in written)
        or _is_ordinary(written[0])
        or (not is_given(written[0]) and any(_is_ordinary(one) for one in written[1:]))
        or any(words(key).intersection(singular) for key in (*lists, "not_name", "after_name"))
    )


@cache
def sounds(key: str) -> frozenset[str]:
    """Returns the sounds of the names of a list, a key of MORE."""
    more = Path(__file__).with_name(MORE[key]).read_text(encoding="utf-8").split()
    return frozenset(phonetic(word) for word in (*words(key), *more))
