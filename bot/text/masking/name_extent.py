"""Finds the end of a name that begins at a position of a text, if the words before it allow a name there."""

from __future__ import annotations

import re

from bot.text.masking.found import without_accents, words
from bot.text.masking.known_names import is_given, is_known, is_lone_name, is_number_word, is_surname, looks_like_a_name

MOST_WORDS = 5
INITIAL, MAX_INITIALS = 2, 2  # number of characters
# Lists of words.yml after which two unknown capitalized words are a name; a relative is one of «kin».
SURE = frozenset(("self", "kin", "relative", "met", "role"))
MOST_UNKNOWN = 3  # number of words after which an unknown word in lower case no longer belongs to the name
WORD = re.compile(r"[^\W\d_]+(?:['´’-][^\W\d_]+)?\.?")
_GAP = re.compile(r"[ \t]{1,3}")


def name_end(text: str, start: int, *, cue: str) -> int:
    """Returns the end of the name at ``start``, or ``start`` if there is no name.

    ``cue`` names the list of words.yml that contains the phrase before the name; ``bare`` means that there is none.
    """
    first = WORD.match(text, start)
    if first is None or not _begins(text, first, cue):
        return start
    end, held, count = first.end(), first.end(), 1
    if first[0].endswith(".") and len(first[0]) > MAX_INITIALS + 1:
        return end - 1
    while count < MOST_WORDS and (gap := _GAP.match(text, held)) and (word := WORD.match(text, gap.end())):
        written = word[0].strip(".")
        if without_accents(written.lower()) in words("particles") and _goes_on(text, word.end()):
            held = word.end()
            continue
        if not _continues(written, count) or (
            cue in {"bare", "relative"} and not (written[:1].isupper() or is_known(written))
        ):
            break
        end = held = word.end()
        count += 1
        if word[0].endswith(".") and len(written) > MAX_INITIALS:  # the end of a sentence
            break
    return end - 1 if text[end - 1] == "." and end - start > 2 else end


def _begins(text: str, first: re.Match[str], cue: str) -> bool:
    written = first[0].strip(".")
    plain = without_accents(written.lower())
    if cue in SURE | {"named"} and len(first[0]) == INITIAL and first[0].endswith("."):  # «soy J. Manosalva»
        return _following(text, first)[:1].isupper()
    if plain in words("not_name") or len(plain) < 2 or is_number_word(written):
        return False
    if is_given(written):
        return True
    kept = plain in words("institutional") | words("roles") | words("bodies") | words("companies")
    if kept or (cue == "labelled" and plain.endswith(tuple(words("ordinary"))) and not is_known(written)):
        return False  # «Atte. Dirección de Obras», «Nombre: Certificado de Residencia»
    if cue in {"named", "labelled"}:
        return True
    return _is_name(text, first, cue) if written[:1].isupper() else _is_quiet(plain, _following(text, first), cue)


def _is_name(text: str, first: re.Match[str], cue: str) -> bool:
    """Returns whether a capitalized word that is not a known given name begins a name after the list ``cue``."""
    written = first[0].strip(".")
    if cue == "related" or is_surname(written) or (cue == "relative" and is_lone_name(written)):
        return True
    second = _following(text, first)
    if without_accents(second.lower()) in words("particles"):  # «soy Yuleidys del Carmen»
        later = _after_particles(text, first)
        return cue in SURE and later[:1].isupper() and is_known(later) and looks_like_a_name(written)
    return bool(second[:1].isupper()) and (is_known(second) or (cue in SURE and looks_like_a_name(written, second)))


def _is_quiet(plain: str, second: str, cue: str) -> bool:
    """Returns whether an unknown word in lower case begins a name after a cue: «a nombre de yorbelis colmenares»."""
    lists = ("after_name", "not_name", "offices", "conditions", "adjectives", "geography", "pets", "word_surnames")
    surname = without_accents(second.lower())
    return (
        cue in SURE | {"related"}
        and second.islower()
        and min(len(plain), len(second)) > INITIAL + 1
        and is_surname(second)
        and not any(words(key) & {plain, surname} for key in lists)
        and looks_like_a_name(plain)
    )


def _following(text: str, word: re.Match[str]) -> str:
    """Returns the word after ``word``, or ''."""
    gap = _GAP.match(text, word.end())
    following = WORD.match(text, gap.end()) if gap else None
    return following[0].strip(".") if following else ""


def _after_particles(text: str, first: re.Match[str]) -> str:
    """Returns the first word after ``first`` that is not a particle, among the next three; '' if there is none."""
    word: re.Match[str] | None = first
    for _ in range(3):
        gap = _GAP.match(text, word.end()) if word else None
        word = WORD.match(text, gap.end()) if gap else None
        if word and without_accents(word[0].lower()) not in words("particles"):
            return word[0].strip(".")
    return ""


def _continues(written: str, count: int) -> bool:
    plain = without_accents(written.lower())
    if is_number_word(written):
        return False
    if is_known(written) or (count > 1 and len(written) == 1 and written.isupper()):  # «Ana Soto E.»
        return True
    return plain not in words("after_name") and (count < MOST_UNKNOWN or written[:1].isupper())


def _goes_on(text: str, at: int) -> bool:
    """Returns whether a name continues after «de», «del» or «la»: «María del Carmen», «Juan de la Cruz»."""
    word = WORD.match(text, gap.end()) if (gap := _GAP.match(text, at)) else None
    if word is None:
        return False
    written = word[0].strip(".")
    plain = without_accents(written.lower())
    known = plain in words("particles") or is_known(written)
    return known or (written[:1].isupper() and plain not in words("after_name"))
