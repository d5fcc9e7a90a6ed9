"""Finds a person's name after words that announce one: «me llamo», «soy», «a nombre de», «mi hijo», «saludos,».

After «me llamo» and similar phrases, every word except a common one counts as a name («me llamó la atención» contains
none). After «soy» or «mi hijo», a known given name or surname must follow, at least as the second word («mi hijo
Autista» contains none). Without such words, known and capitalized names count. The name of a street, school, law or
office does not count.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import DOTS, Spans, pattern, phrases, without_accents, words
from bot.text.normalize import phonetic

MOST_WORDS = 5
INITIAL, MAX_INITIALS = 2, 2  # number of characters
MIN_PET_FORM = 5  # a pet form has more phonetic letters than this
SURE = frozenset(("self", "kin"))  # lists of words.yml before a person only, not before an office or company
MOST_UNKNOWN = 3  # number of words after which an unknown word in lower case no longer belongs to the name
_WORD = re.compile(r"[^\W\d_]+(?:['´’-][^\W\d_]+)?\.?")
_BEFORE_RUT = re.compile(
    rf"(?<![\w])(?P<name>{_WORD.pattern}(?:[ ]{_WORD.pattern}){{0,4}}),?[ ]{{1,2}}(?:r\.?u\.?[tn]\.?)(?!\w)",
    re.IGNORECASE,
)
_GAP = re.compile(r"[ \t]{1,3}")
_SAINT = re.compile(r"(?<!\w)(?:san|santa|santo)\s+$", re.IGNORECASE)  # «Panadería San José, rut ...»
_TO_THE_END = re.compile(rf"(?P<name>{_WORD.pattern}(?:[ ]{_WORD.pattern}){{1,3}})\.?[ \t]*(?:\n|$)")
_AND = re.compile(r"(?:,|,?\s+(?:y|e))\s+(?:mi\s+\w+\s+)?")
_CAPITAL = re.compile(r"(?<![\w@])[A-ZÁÉÍÓÚÑ][^\W\d_]+(?![\w@])")
_WITHIN = re.compile(r"(?:[^\W\d_A-Z.][,:;(]?|\d[,:;]) (?:[\"«(]\s?)?$")  # after a word of the same sentence
_PLACE_BEFORE = re.compile(
    r"(?:(?:^|\W)(?i:en|entre|hasta|desde|hacia|esquina|esq\.?|frente a|san|santa|santo|los|las)"
    r"|[A-ZÁÉÍÓÚÑ]\w+\s(?:con|y))\s+$"
)
_PLACE_AFTER = re.compile(r"\s+(?:#?\d|con\s+[A-ZÁÉÍÓÚÑ]|esquina|esq\b|n[°º])")


def names(text: str) -> Spans:
    """Yields the names in ``text``, each with all its words: «Juana Pérez Soto»."""
    for one in _announced().finditer(text):
        cue = "related" if one["title"] else one.lastgroup or ""
        start = one.end()
        if cue == "related" and _is_place(text, one.start(), _end(text, start, cue=cue)):
            continue
        if one["article"] and not (
            (first := _WORD.match(text, start))
            and is_given(first[0].strip("."))
            and first[0] != "domingo"  # «mi guagua nació el domingo»
        ):
            continue
        while (end := _end(text, start, cue=cue)) > start:
            yield start, end, DOTS
            following = _AND.match(text, end)
            if following is None or not _is_another(text, following.end()):
                break
            start, cue = following.end(), "am"
    for one in _BEFORE_RUT.finditer(text):
        yield from _signed(text, *one.span("name"))
    yield from _farewells(text)
    yield from _bare_names(text)


@cache
def _announced() -> re.Pattern[str]:
    kinds = "|".join(rf"(?P<{key}>{pattern(key)})(?!\w)[\s:,]" for key in ("named", "related", "kin", "self", "am"))
    title = r"(?:es|(?:la |el )?(?P<title>don|doña|dona|señora|señor|sra\.?|sr\.?)|(?P<article>la|el))"
    labelled = rf"(?P<labelled>{pattern('labelled')})\s?:\s|(?m:^)(?P<sender>{pattern('sender')})\s?:\s"
    return re.compile(
        rf"(?<!\w)(?:{labelled}|{kinds})[\s:,(]{{0,2}}(?:{title}\s+(?=[^\W\d_]))?",
        re.IGNORECASE,
    )


@cache
def _farewell() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern('farewell')})(?:\s*[,.\-:!]+\s*|\s*\n\s*)(?=[^\W\d_])", re.IGNORECASE)


def _farewells(text: str) -> Spans:
    """Yields the name after «Saludos,» or «Gracias.»: it begins with a known given name, or is the rest of the line."""
    for one in _farewell().finditer(text):
        first = _WORD.match(text, one.end())
        if first and is_given(first[0].strip(".")) and (end := _end(text, one.end(), cue="am")) > one.end():
            yield one.end(), end, DOTS
        elif (rest := _TO_THE_END.match(text, one.end())) and _are_capitalized(rest["name"]):
            yield *rest.span("name"), DOTS


def _are_capitalized(name: str) -> bool:
    """Returns whether all words but «de» and the like are capitalized and unknown: «Wilfrido del Carmen Bolívar»."""
    written = [one.strip(".") for one in name.split() if one.lower() not in words("particles")]
    return len(written) > 1 and all(one[:1].isupper() for one in written) and _looks_like_a_name(*written)


def _bare_names(text: str) -> Spans:
    """Yields capitalized names without an announcement: «hablé con Paulina», «el reclamo de Carolina Reyes».

    A known given name counts with a known surname, or alone within a sentence unless it means something else, too.
    """
    at = 0
    while first := _CAPITAL.search(text, at):
        at = first.end()
        if first[0].isupper() or not is_given(first[0]):
            continue
        end = _end(text, first.start(), cue="bare")
        others = [word.strip(".") for word in text[first.end() : end].split()]
        full = any(word[:1].isupper() and _is_known(word) for word in others)
        alone = _WITHIN.search(text[max(0, first.start() - 4) : first.start()]) and without_accents(
            first[0].lower()
        ) not in words("ambiguous")
        if (full or alone) and end > first.start():
            at = end
            if not _is_place(text, first.start(), end):
                yield first.start(), end, DOTS


def _is_place(text: str, start: int, end: int) -> bool:
    """Returns whether a capitalized name is that of a street, school or another place, or of a historical person."""
    said = without_accents(text[max(0, start - 40) : start].lower())
    last = re.search(r"(\w+)\.?(?:\s+(?:de|del|la|el|los|las|don|doña|dona))*\s+$", said)
    if last and last[1] in words("adjectives"):
        last = re.search(r"(\w+)\.?\s+$", said[: last.start()]) or last
    if last and (last[1] in words("institutional") or re.fullmatch(pattern("street"), last[1])):
        return True
    if _PLACE_BEFORE.search(text[max(0, start - 24) : start]) or _PLACE_AFTER.match(text, end):
        return True
    plain = without_accents(text[start:end].lower())
    return any(plain.startswith(without_accents(one.lower())) for one in phrases("figures"))


def _is_another(text: str, at: int) -> bool:
    """Returns whether a further name begins here: «mis hijos Tomás y Lucas»."""
    word = _WORD.match(text, at)
    return word is not None and word[0][:1].isupper() and is_given(word[0].strip("."))


def _end(text: str, start: int, *, cue: str) -> int:
    """Returns the end of the name at ``start``, or ``start`` if there is no name.

    ``cue`` names the list of words.yml that contains the phrase before the name; ``bare`` is none.
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
        if not _continues(written, count) or (cue == "bare" and not (written[:1].isupper() or _is_known(written))):
            break
        end = held = word.end()
        count += 1
        if word[0].endswith(".") and len(written) > MAX_INITIALS:  # the end of a sentence
            break
    return end - 1 if text[end - 1] == "." and end - start > 2 else end


def _signed(text: str, start: int, end: int) -> Spans:
    """Yields the name in «Ana Soto, rut ...», beginning with the first known given name, else all of it if capitalized.

    A single word counts only if it is capitalized.
    """
    for word in _WORD.finditer(text, start, end):
        if is_given(word[0]) and not _is_number_word(word[0]) and not _SAINT.search(text, start, word.start()):
            if word.end() < end or word[0][:1].isupper():
                yield word.start(), end, DOTS
            return
    if _are_capitalized(text[start:end]):
        yield start, end, DOTS


def _is_number_word(written: str) -> bool:
    """Returns whether «rut» or «RUT» is the number, not the name Rut."""
    return written.lower() == "rut" and written != "Rut"


def _begins(text: str, first: re.Match[str], cue: str) -> bool:
    written = first[0].strip(".")
    plain = without_accents(written.lower())
    if cue in SURE | {"named"} and len(first[0]) == INITIAL and first[0].endswith("."):  # «soy J. Manosalva»
        return _following(text, first)[:1].isupper()
    if plain in words("not_name") or len(plain) < 2 or _is_number_word(written):
        return False
    if is_given(written):
        return True
    kept = plain in words("institutional") | words("roles") | words("bodies")
    if kept or (cue == "labelled" and plain.endswith(tuple(words("ordinary"))) and not _is_known(written)):
        return False  # «Atte. Dirección de Obras», «Nombre: Certificado de Residencia»
    if cue in {"named", "labelled"}:
        return True
    if not written[:1].isupper():
        return False
    if cue == "related" or phonetic(written) in _sounds("surnames"):
        return True
    second = _following(text, first)
    return bool(second[:1].isupper()) and (_is_known(second) or (cue in SURE and _looks_like_a_name(written, second)))


def _following(text: str, word: re.Match[str]) -> str:
    """Returns the word after ``word``, or ''."""
    gap = _GAP.match(text, word.end())
    following = _WORD.match(text, gap.end()) if gap else None
    return following[0].strip(".") if following else ""


def _looks_like_a_name(*written: str) -> bool:
    """Returns whether capitalized words belong to no trade, state or office: «Keiner Urdaneta»."""
    plain = [without_accents(one.lower()) for one in written]
    first, known = plain[0], words("institutional") | words("roles") | words("bodies") | words("adjectives")
    return not (
        any(one.isupper() for one in written)
        or first.endswith(tuple(words("ordinary")))
        or known.intersection(plain)
        or words("not_name").intersection(plain)
        or words("after_name").intersection(plain)
    )


def _continues(written: str, count: int) -> bool:
    plain = without_accents(written.lower())
    if _is_number_word(written):
        return False
    if _is_known(written):
        return True
    return plain not in words("after_name") and (count < MOST_UNKNOWN or written[:1].isupper())


def _goes_on(text: str, at: int) -> bool:
    """Returns whether a name continues after «de», «del» or «la»: «María del Carmen», «Juan de la Cruz»."""
    word = _WORD.match(text, gap.end()) if (gap := _GAP.match(text, at)) else None
    if word is None:
        return False
    written = word[0].strip(".")
    plain = without_accents(written.lower())
    known = plain in words("particles") or _is_known(written)
    return known or (written[:1].isupper() and plain not in words("after_name"))


def is_given(word: str) -> bool:
    """Returns whether a word sounds like a known given name, or a pet form of one: «Wladimir», «Jhon», «rosita»."""
    if without_accents(word.lower()) in words("bodies"):  # «Feliz» sounds like Félix
        return False
    sound = phonetic(word)
    known = _sounds("given")
    return sound in known or (len(sound) > MIN_PET_FORM and sound[:-3] + sound[-1] in known and sound[-3:-1] == "it")


def _is_known(word: str) -> bool:
    """Returns whether a word sounds like a known given name or surname."""
    return is_given(word) or phonetic(word) in _sounds("surnames")


@cache
def _sounds(key: str) -> frozenset[str]:
    return frozenset(phonetic(word) for word in words(key))
