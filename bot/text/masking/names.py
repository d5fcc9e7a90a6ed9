"""Finds a person's name after words that announce one: «me llamo», «soy», «a nombre de», «mi hijo».

After «me llamo» and similar phrases, every word except a common one counts as a name («me llamó la atención» contains
none). After «soy», only a known given name or capitalized words count («soy adulto mayor» contains none). The name of a
street, school or office does not count.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import DOTS, Spans, pattern, without_accents, words
from bot.text.normalize import phonetic

MOST_WORDS = 5
MAX_INITIALS = 2
MIN_PET_FORM = 5  # a pet form has more phonetic letters than this
MOST_UNKNOWN = 3  # number of words after which an unknown word in lower case no longer belongs to the name
_WORD = re.compile(r"[^\W\d_]+(?:['´’-][^\W\d_]+)?\.?")
_BEFORE_RUT = re.compile(
    rf"(?<![\w])(?P<name>{_WORD.pattern}(?:[ ]{_WORD.pattern}){{0,4}}),?[ ]{{1,2}}(?:r\.?u\.?[tn]\.?)(?!\w)",
    re.IGNORECASE,
)
_GAP = re.compile(r"[ \t]{1,3}")


def names(text: str) -> Spans:
    """Yields the names in ``text``, each with all its words: «Juana Pérez Soto»."""
    for one in _announced().finditer(text):
        end = _end(text, one.end(), cue=one.lastgroup or "")
        if end > one.end():
            yield one.end(), end, DOTS
    for one in _BEFORE_RUT.finditer(text):
        yield from _signed(text, *one.span("name"))


@cache
def _announced() -> re.Pattern[str]:
    kinds = "|".join(rf"(?P<{key}>{pattern(key)})(?!\w)[\s:,]" for key in ("named", "related", "am"))
    title = r"(?:es|don|doña|dona|(?:la |el )?(?:señora|señor|sra\.?|sr\.?))"
    labelled = rf"(?P<labelled>{pattern('labelled')})\s?:\s"
    return re.compile(
        rf"(?<!\w)(?:{labelled}|{kinds})[\s:,]{{0,2}}(?:{title}\s+(?=[^\W\d_]))?",
        re.IGNORECASE,
    )


def _end(text: str, start: int, *, cue: str) -> int:
    """Returns the end of the name at ``start``, or ``start`` if there is no name.

    ``cue`` names the list of words.yml that contains the phrase before the name.
    """
    first = _WORD.match(text, start)
    if first is None or not _begins(text, first, cue):
        return start
    end, held, count = first.end(), first.end(), 1
    if first[0].endswith(".") and len(first[0]) > MAX_INITIALS + 1:
        return end - 1
    while count < MOST_WORDS and (gap := _GAP.match(text, held)) and (word := _WORD.match(text, gap.end())):
        written = word[0].strip(".")
        if without_accents(written.lower()) in words("particles") and _goes_on(text, word.end()):
            held = word.end()
            continue
        if not _continues(written, count):
            break
        end = held = word.end()
        count += 1
        if word[0].endswith(".") and len(written) > MAX_INITIALS:  # the end of a sentence
            break
    return end - 1 if text[end - 1] == "." and end - start > 2 else end


def _signed(text: str, start: int, end: int) -> Spans:
    """Yields the name in «Ana Soto, rut ...», beginning with the first known given name.

    A single word counts only if it is capitalized.
    """
    for word in _WORD.finditer(text, start, end):
        if is_given(word[0]):
            if word.end() < end or word[0][:1].isupper():
                yield word.start(), end, DOTS
            return


def _begins(text: str, first: re.Match[str], cue: str) -> bool:
    written = first[0].strip(".")
    plain = without_accents(written.lower())
    if plain in words("not_name") or len(plain) < 2:
        return False
    if is_given(written):
        return True
    if cue in {"named", "labelled"}:
        return True
    if not written[:1].isupper() or plain in words("institutional") | words("roles"):
        return False
    gap = _GAP.match(text, first.end())
    second = _WORD.match(text, gap.end()) if gap else None
    return cue == "related" or (second is not None and _is_written_as_name(second[0].strip(".")))


def _continues(written: str, count: int) -> bool:
    plain = without_accents(written.lower())
    if is_given(written) or phonetic(written) in _sounds("surnames"):
        return True
    return plain not in words("after_name") and (count < MOST_UNKNOWN or written[:1].isupper())


def _is_written_as_name(written: str) -> bool:
    plain = without_accents(written.lower())
    return written[:1].isupper() and plain not in words("after_name") | words("institutional") | words("roles")


def _goes_on(text: str, at: int) -> bool:
    """Returns whether a name continues after «de», «del» or «la»: «María del Carmen», «Juan de la Cruz»."""
    word = _WORD.match(text, gap.end()) if (gap := _GAP.match(text, at)) else None
    if word is None:
        return False
    written = word[0].strip(".")
    plain = without_accents(written.lower())
    known = plain in words("particles") or is_given(written) or phonetic(written) in _sounds("surnames")
    return known or (written[:1].isupper() and plain not in words("after_name"))


def is_given(word: str) -> bool:
    """Returns whether a word sounds like a known given name, or a pet form of one: «Wladimir», «Jhon», «rosita»."""
    sound = phonetic(word)
    known = _sounds("given")
    return sound in known or (len(sound) > MIN_PET_FORM and sound[:-3] + sound[-1] in known and sound[-3:-1] == "it")


@cache
def _sounds(key: str) -> frozenset[str]:
    return frozenset(phonetic(word) for word in words(key))
