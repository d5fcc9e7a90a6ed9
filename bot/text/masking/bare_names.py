"""Finds names that nothing announces: «hablé con Paulina», a signature on its own line, «Ana Soto, 12.345.678-5».

A known given name counts with a surname, or alone within a sentence unless it means something else, too. The name of a
street, school, law or office does not count.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from bot.text.masking.found import DOTS, Spans, ending, pattern, phrases, without_accents, words
from bot.text.masking.known_names import is_given, is_known, is_number_word, is_surname, looks_like_a_name
from bot.text.masking.name_extent import WORD, name_end

_BEFORE_RUT = re.compile(
    rf"(?<![\w])(?P<name>{WORD.pattern}(?:[ ]{WORD.pattern}){{0,4}}),?[ ]{{1,2}}(?:r\.?u\.?[tn]\.?)(?!\w)",
    re.IGNORECASE,
)
# «18.441.207-1 brayan soto», «brayan soto 18.441.207-1»; what was found before is \x00.
_BESIDE_DATUM = re.compile(
    r"(?:(?P<after>\x00[ ,]{1,2})|(?<!\w))(?P<given>[^\W\d_]{3,})[ ](?P<surname>[^\W\d_]{3,})"
    r"(?(after)|(?:[ ][^\W\d_]{3,}){0,2}[ ,]{1,2}\x00)"
)
_INITIALS = re.compile(r"(?<!\w)(?:[A-ZÁÉÍÓÚÑ]\.\s?){1,3}(?P<surname>[A-ZÁÉÍÓÚÑ][^\W\d_]+)")  # «J. P. Echeverría»
_SAINT = re.compile(r"(?<!\w)(?:san|santa|santo)\s+$", re.IGNORECASE)  # «Panadería San José, rut ...»
_TO_THE_END = re.compile(rf"(?P<name>{WORD.pattern}(?:[ ]{WORD.pattern}){{1,3}})\.?[ \t]*(?:\n|$)")
# A whole line; after the name nothing but a comma or a dot.
_LINE = re.compile(
    r"(?m:^)[ \t]*(?P<name>[A-ZÁÉÍÓÚÑ][^\W\d_]+(?: (?:del?|la|los|y|[A-ZÁÉÍÓÚÑ][^\W\d_]*)){1,5})[.,]?[ \t]*(?m:$)"
)
_ROW = re.compile(r"(?<![\w@])[A-ZÁÉÍÓÚÑ][^\W\d_]+(?: [A-ZÁÉÍÓÚÑ][^\W\d_]+){2,4}(?![\w@])")
_GREETED = re.compile(
    r"(?<!\w)(?i:hola|ola|buenas|buenos d[ií]as|buenas tardes|buenas noches|buen d[ií]a|q tal|qu[eé] tal)[\s,.!]{1,4}"
    r"(?P<name>[^\W\d_]{3,})(?!\w)"
)
_PRESENT = re.compile(r"(?<!\w)(?P<name>[^\W\d_]{3,}) (?i:aqu[ií]|ac[aá]|por aqu[ií]|por ac[aá])(?!\w)")
_STARTING = re.compile(r"(?m:^)(?P<name>[A-ZÁÉÍÓÚÑ][^\W\d_]{2,})(?=[:,])")
_MARIA = re.compile(r"(?<!\w)M[aª]?\.?\s$")  # «Ma. Eugenia»
_THANKED = re.compile(
    r"(?i:gracias|agrade\w+|atent\w+|salud\w+|espero)[^\n]{0,60}[,.\n]\s?(?P<name>[A-ZÁÉÍÓÚÑ][^\W\d_]{2,})[.!]?\s*\Z"
)
_PAIR = re.compile(r"(?<![\w@.])(?=(?P<given>[a-záéíóúñ]{3,}) (?P<surname>[a-záéíóúñ]{4,})(?![\w@]))(?P=given) ")
_AGED = re.compile(r",? (?:de |tiene )?\d{1,3} (?:años|añitos|meses)(?!\w)")  # «Yolanda, 78 años»
_LAST_WORD = re.compile(r"(?P<name>[A-ZÁÉÍÓÚÑ][^\W\d_]{2,13}(?: [A-ZÁÉÍÓÚÑ](?=\.?\s*$))?)[.!]?\s*$")
_CAPITAL = re.compile(r"(?<![\w@])[A-ZÁÉÍÓÚÑ][^\W\d_]+(?![\w@])")
_WITHIN = re.compile(r"(?:[^\W\d_A-Z.][,:;(]?|\d[,:;]) (?:[\"«(]\s?)?$")  # after a word of the same sentence
_PLACE_BEFORE = re.compile(
    r"(?:(?:^|\W)(?i:en|entre|hasta|desde|hacia|esquina|esq\.?|frente a|san|santa|santo|los|las)"
    r"|[A-ZÁÉÍÓÚÑ]\w+\s(?:con|y))\s+$"
)
_PLACE_AFTER = re.compile(r"\s+(?:#?\d(?!\d?\s(?:años|añitos|meses|y\s[A-Z]))|con\s+[A-ZÁÉÍÓÚÑ]|esquina|esq\b|n[°º])")

_PLACE_LINKS = re.compile(r"(?P<place>\w+)\.?(?:\s+(?:(?i:de|del|la|el|lo|los|las)|Don|Doña|DON|DOÑA))*\s+$")
_OWNED = re.compile(r"(?<!\w)de\s+$")  # «el colegio de Tomás Rojas»


def bare_names(text: str) -> Spans:
    """Yields names beside other personal data, after a greeting or farewell, alone on a line and within a sentence."""
    for one in _BEFORE_RUT.finditer(text):
        yield from (span for span in _signed(text, *one.span("name")) if not is_place(text, span[0], span[1]))
    yield from _listed(text)
    yield from _farewells(text)
    yield from _lines(text)
    yield from _rows(text)
    yield from _greetings(text)
    yield from _quiet(text)
    yield from _capitalized(text)


@cache
def _farewell() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern('farewell')})(?:\s*[,.\-:!]+\s*|\s*\n\s*)(?=[^\W\d_])", re.IGNORECASE)


def _farewells(text: str) -> Spans:
    """Yields the name after «Saludos,» or «Gracias.»: it begins with a known given name, or is the rest of the line."""
    for one in _farewell().finditer(text):
        first = WORD.match(text, one.end())
        if first and is_given(first[0].strip(".")) and (end := name_end(text, one.end(), cue="am")) > one.end():
            yield one.end(), end, DOTS
        elif (rest := _TO_THE_END.match(text, one.end())) and _are_capitalized(rest["name"]):
            yield *rest.span("name"), DOTS
        elif (
            (last := _LAST_WORD.match(text, one.end()))
            and last["name"][:1].isupper()
            and looks_like_a_name(last["name"].split()[0])
        ):
            yield *last.span("name"), DOTS


def _are_capitalized(name: str) -> bool:
    """Returns whether ``name`` may be a full name, whether known or not: «Wilmer del Carmen Bolívar».

    Apart from «de» and the like it must have two words or more, all capitalized, and none wholly in capitals or a word
    of a trade, an office or the like.
    """
    written = [one.strip(".") for one in name.split() if one.lower() not in words("particles")]
    return len(written) > 1 and all(one[:1].isupper() for one in written) and looks_like_a_name(*written)


def _lines(text: str) -> Spans:
    """Yields a line of two to five capitalized words that begins with a known given name: a signature, a heading."""
    for one in _LINE.finditer(text):
        first = one["name"].partition(" ")[0]
        if is_given(first) and _are_capitalized(one["name"]) and not is_place(text, *one.span("name")):
            yield *one.span("name"), DOTS


def _greetings(text: str) -> Spans:
    """Yields a given name after a greeting, before «aquí», at the start of a line or at the end after thanks."""
    for one in chain(_GREETED.finditer(text), _PRESENT.finditer(text), _STARTING.finditer(text)):
        if is_given(one["name"]) and not _is_ambiguous(one["name"]) and not is_place(text, *one.span("name")):
            if (end := name_end(text, one.start("name"), cue="am")) > one.start("name"):
                yield one.start("name"), end, DOTS
    if (last := _THANKED.search(text)) and is_given(last["name"]):
        yield *last.span("name"), DOTS


def _quiet(text: str) -> Spans:
    """Yields a given name and a surname in lower case: «el reclamo de juana pérez»."""
    for one in _PAIR.finditer(text):
        known = is_given(one["given"]) and not _is_ambiguous(one["given"]) and is_surname(one["surname"])
        ordinary = words("after_name") | words("not_name")
        if not known or ordinary.intersection(map(without_accents, one.groups())) or is_place(text, *one.span()):
            continue
        if (end := name_end(text, one.start(), cue="bare")) > one.start():
            yield one.start(), end, DOTS


def _rows(text: str) -> Spans:
    """Yields three to five known names in a row, whatever their order: «SEPULVEDA ROJAS MARIA CRISTINA»."""
    for one in _ROW.finditer(text):
        written = one[0].split()
        sure = any(is_given(word) and not _is_ambiguous(word) for word in written)
        sure = sure and without_accents(written[0].lower()) not in words("institutional")
        if sure and all(map(is_known, written)) and not is_place(text, *one.span()):
            yield *one.span(), DOTS


def _listed(text: str) -> Spans:
    """Yields a known surname after initials, and a known name directly before or after data that was found earlier."""
    for one in _INITIALS.finditer(text):
        if is_surname(one["surname"]) and not is_place(text, *one.span()):
            yield *one.span(), DOTS
    for one in _BESIDE_DATUM.finditer(text):
        if is_given(one["given"]) and is_known(one["surname"]):
            yield one.start("given"), name_end(text, one.start("given"), cue="am"), DOTS


def _capitalized(text: str) -> Spans:
    """Yields capitalized names that no cue introduces: «hablé con Paulina», «el reclamo de Carolina Reyes».

    A known given name counts with a known surname, or alone within a sentence unless it means something else, too.
    """
    at = 0
    pet = ending("pets")
    while first := _CAPITAL.search(text, at):
        at = first.end()
        if first[0].isupper() or not is_given(first[0]) or pet.search(text, max(0, first.start() - 12), first.start()):
            continue
        end = name_end(text, first.start(), cue="bare")
        others = [word.strip(".") for word in text[first.end() : end].split()]
        full = _is_surnamed(first[0], others) or _AGED.match(text, first.end())
        within = _WITHIN.search(text[max(0, first.start() - 4) : first.start()])
        alone = within and not _is_ambiguous(first[0])
        if (full or alone) and end > first.start():
            at = end
            start = (
                titled.start()
                if (titled := _MARIA.search(text, max(0, first.start() - 5), first.start()))
                else first.start()
            )
            if not is_place(text, first.start(), end):
                yield start, end, DOTS


def _is_surnamed(given: str, others: list[str]) -> bool:
    """Returns whether a capitalized word after a given name is, or looks like, a further name: «Inés Piedrabuena»."""
    capitalized = [word for word in others if word[:1].isupper() and len(word) > 1]
    if any(is_known(word) for word in capitalized):
        return True
    if others and not capitalized and not _is_ambiguous(given):  # «Audilio fica mora necesita»
        return is_surname(others[0]) and without_accents(others[0]) not in words("word_surnames")
    return bool(capitalized) and not _is_ambiguous(given) and looks_like_a_name(*capitalized)


def _is_ambiguous(word: str) -> bool:
    return without_accents(word.lower()) in words("ambiguous") | words("beings")


def is_place(text: str, start: int, end: int) -> bool:
    """Returns whether a capitalized name is that of a street, school or another place, or of a historical person."""
    near = without_accents(text[max(0, start - 40) : start])
    last, said = _PLACE_LINKS.search(near), near.lower()
    named = said[slice(*last.span("place"))] if last else ""
    if last and named in words("adjectives") and (noun := re.search(r"(\w+)\.?\s+$", said[: last.start()])):
        named = noun[1]
    if named in words("owned") and _OWNED.search(said) and _is_full_name(text[start:end]):
        return False
    if named in words("institutional") | words("works") or re.fullmatch(pattern("street"), named):
        return True
    if _PLACE_BEFORE.search(text[max(0, start - 24) : start]) or _PLACE_AFTER.match(text, end):
        return True
    return is_figure(text[start:end])


def is_figure(written: str) -> bool:
    """Returns whether a name begins with that of a well-known person: «Gabriela Mistral»."""
    return _figures().match(without_accents(written.lower())) is not None


def _is_full_name(written: str) -> bool:
    """Returns whether a known given name with a further name is ``written``, none of a well-known person."""
    return " " in written and is_given(written.split()[0]) and not is_figure(written)


@cache
def _figures() -> re.Pattern[str]:
    known = sorted(without_accents(one.lower()) for one in phrases("figures") if one)
    return re.compile(rf"(?:{'|'.join(map(re.escape, known))})(?!\w)")


def _signed(text: str, start: int, end: int) -> Spans:
    """Yields the name between ``start`` and ``end``, which stands before personal data: «Ana Soto, rut ...».

    The name begins at the first known given name; without one, it is all words, if they are capitalized. A single word
    counts only if it is capitalized.
    """
    for word in WORD.finditer(text, start, end):
        if is_given(word[0]) and not is_number_word(word[0]) and not _SAINT.search(text, start, word.start()):
            if word.end() < end or word[0][:1].isupper():
                yield word.start(), end, DOTS
            return
    if _are_capitalized(text[start:end]):
        yield start, end, DOTS
