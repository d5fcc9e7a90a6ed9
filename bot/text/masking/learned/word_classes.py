"""Says what is known of a word: whether it is a name, an ordinary word, or one of the lists of words.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.text.masking.found import phrases, without_accents, words
from bot.text.masking.known_names import sounds, sounds_given
from bot.text.normalize import phonetic

# Words that the project's texts write in small letters at least twice, by their sound; fit_masking.py writes it.
ORDINARY = Path(__file__).with_name("ordinary_words.txt")
LISTS = (
    *("institutional", "roles", "companies", "bodies", "not_name", "geography", "adjectives", "offices", "particles"),
    *("street", "within", "quarter", "kin", "street_plants", "works", "after_name", "ambiguous", "beings"),
    *("conditions", "word_surnames", "other", "unit", "floor", "house_around", "communes", "communes_of_people"),
)


def knowledge(plain: str) -> str:
    """Returns letters for what a word in lower case is: g (given name), s (surname), o (ordinary word)."""
    sound = phonetic(plain)
    given = "g" if plain not in words("bodies") and sounds_given(sound) else ""
    surname = "s" if sound in sounds("surnames") else ""
    return given + surname + ("o" if sound in ordinary_words() else "")


@cache
def lists_of() -> dict[str, tuple[str, ...]]:
    """Returns the names of the lists that contain each word, without accents."""
    found: dict[str, tuple[str, ...]] = {}
    for key in LISTS:
        for word in sorted(words(key)):
            found[word] = (*found.get(word, ()), key)
    return found


@cache
def figures() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Returns the names of well-known people, as words, by their first word."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for one in sorted(phrases("figures")):
        name = tuple(without_accents(one.lower()).split())
        if name:
            found[name[0]] = (*found.get(name[0], ()), name)
    return found


@cache
def ordinary_words() -> frozenset[str]:
    return frozenset(ORDINARY.read_text(encoding="utf-8").split())
