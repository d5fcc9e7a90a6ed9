"""Finds a person's name after words that announce one: «me llamo», «soy», «a nombre de», «mi hijo», «saludos,».

After «me llamo» and similar phrases, every word except a common one counts as a name («me llamó la atención» contains
none). After «soy» or «mi hijo», a known given name or surname must follow, at least as the second word («mi hijo
Autista» contains none).

``names`` also yields the names that called_names.py and bare_names.py find.
"""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.around.namesakes import ANIMAL, is_of_animal
from bot.text.masking.bare_names import bare_names, is_figure, is_place
from bot.text.masking.called_names import called_names
from bot.text.masking.found import DOTS, Spans, clause_before, pattern, without_accents, words
from bot.text.masking.known_names import is_given, is_surname
from bot.text.masking.name_extent import WORD, name_end

_AND = re.compile(r"(?:\s?\(\d{1,2}(?:\s\w{1,5})?\))?(?:,|,?\s+(?:y|e))\s+(?:mi\s+\w+\s+)?")  # «Zoe (5), Ian (3)»

_TO_RUT = re.compile(r"(?: [^\W\d_]{3,}){1,2}(?=,? r\.?u\.?[tn]\.?(?!\w))", re.IGNORECASE)

_CAPITAL = r"[A-ZÁÉÍÓÚÑ][^\W\d_]{2,}"
_TURNED = re.compile(
    rf"(?<![\w@])(?P<surnames>{_CAPITAL} {_CAPITAL}), (?P<given>{_CAPITAL}(?: {_CAPITAL})?)"
    r"(?=[.,;:\n)]|$| \x00| rut| RUT)"
)

_TITLED = re.compile(r"(?:don|doña|señora?)\s[A-ZÁÉÍÓÚÑ]")  # «en la feria doña Rosa», not «calle Don Bosco»
_YO = re.compile(r"yo\W", re.IGNORECASE)
_RELATIVE = re.compile(
    r"(?:hij|niet|sobrin|niñ|vecin|t[ií]|compañer|amig|ahijad|guagu|polol|novi|cuñad|prim|suegr|yern|nuer|herman|espos|abuel|abuelit)[oa]\W*$"
    r"|(?:beb[eé]|compadre|comadre|joven|caballero|marido|mujer|señora|pareja|mam[aá]|pap[aá]|tata|nona)\W*$",
    re.IGNORECASE,
)  # one of them: «mi hijo Yeremi», not «los vecinos Exigen»


def names(text: str) -> Spans:
    """Yields the names in ``text``, each with all its words: «Juana Pérez Soto»."""
    for one in _announced().finditer(text):
        cue = "related" if one["title"] else one.lastgroup or ""
        cue = "relative" if cue == "kin" and _RELATIVE.search(one[0]) else cue
        start = one.end()
        if _YO.match(one[0]) and not one["article"] and not text[start : start + 1].isupper():  # «yo viví acá»
            continue
        if cue == "related" and _is_known(text, one.start(), name_end(text, start, cue=cue)):
            continue
        if cue != "self" and is_of_animal(clause_before(text, one.end(), ANIMAL)):  # «mi perro se llama Bobby»
            continue
        if one["article"] and not (
            (first := WORD.match(text, start))
            and is_given(first[0].strip("."))
            and first[0] != "domingo"  # «mi guagua nació el domingo»
        ):
            continue
        while (end := name_end(text, start, cue=cue)) > start:
            yield start, _up_to_rut(text, end), DOTS
            following = _AND.match(text, end)
            if following is None or not _is_another(text, following.end()):
                break
            start, cue = following.end(), "am"
    yield from _turned(text)
    yield from called_names(text)
    yield from bare_names(text)


@cache
def _announced() -> re.Pattern[str]:
    kinds = "|".join(
        rf"(?P<{key}>{pattern(key)})(?!\w)[\s:,]" for key in ("named", "related", "kin", "self", "met", "am")
    )
    title = r"(?:es|son|(?:(?:la|el|un|una) )?(?P<title>don|doña|dona|señora|señor|sra\.?|sr\.?)|(?P<article>la|el))"
    labelled = rf"(?P<labelled>{pattern('labelled')})\s?:\s|(?m:^)(?P<sender>{pattern('sender')})\s?:\s"
    labelled += rf"|(?P<role>{pattern('role')})\s?:\s"
    return re.compile(
        rf"(?<!\w)(?:{labelled}|{kinds})[\s:,(]{{0,2}}(?:{title}\s+(?=[^\W\d_]))?",
        re.IGNORECASE,
    )


def _is_known(text: str, start: int, end: int) -> bool:
    """Returns whether a title and a name are those of a place or of a well-known person: «calle Don Bosco»."""
    return is_figure(text[start:end]) if _TITLED.match(text, start) else is_place(text, start, end)


def _turned(text: str) -> Spans:
    """Yields a known given name after its surnames: «Cárcamo Oyarzo, Nelson»."""
    for one in _TURNED.finditer(text):
        ambiguous = without_accents(one["given"].lower()) in words("ambiguous") | words("beings")
        if all(map(is_surname, one["surnames"].split())) and is_given(one["given"].split()[0]) and not ambiguous:
            yield *one.span(), DOTS


def _up_to_rut(text: str, end: int) -> int:
    """Returns the end of a name with the one or two words between ``end`` and «rut»: «dylan caniullan rut ...»."""
    more = _TO_RUT.match(text, end)
    ordinary = words("after_name") | words("not_name")
    return more.end() if more and ordinary.isdisjoint(without_accents(more[0].lower()).split()) else end


def _is_another(text: str, at: int) -> bool:
    """Returns whether a further name begins here: «mis hijos Tomás y Lucas»."""
    word = WORD.match(text, at)
    return word is not None and word[0][:1].isupper() and is_given(word[0].strip("."))
