"""Recognizes what bears a person's name and is none: a school, a feast, a boat, an animal, a street."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import item, pattern, phrases, without_accents, words

BEFORE, AFTER, ANIMAL, TITLE = 60, 40, 100, 9  # number of characters around a name in which words may say what it is
_CALLED = re.compile(r"(?:se llama(?:ba)?|llamad[oa]|le dicen|de nombre|que es|responde a[l]?)\s$", re.IGNORECASE)
_LAUGHTER = re.compile(r"(?:j+[aeiou]+){2,}j?", re.IGNORECASE)
_TOWARDS = re.compile(
    r"(?<!\w)(?:a|en|de|desde|hasta|por|hacia|para|y|al|puerto)\s$", re.IGNORECASE
)  # «lo mandaron a Chillán»
_LEVEL = (
    r"(?:\s(?:presb[ií]tero|padre|don|doña|doctora?|dra?\.?|fray|sor|general|capit[aá]n"
    r"|profesora?|presidente|sargento))?"
)
_ADJECTIVE = r"(?:\s(?:b[aá]sica|municipal|rural|infantil|deportiv[oa]|t[eé]cnic[oa]|nueva|chica|regional|familiar))?"
# «Rosa Ester, la calle», «Rubén Darío es la calle», «Valentina se llama la calle», «El Rocío, así se llama el local».
_AFTER = re.compile(
    r"\s?[,(]?\s?(?:as[ií]\s)?(?:(?:es|era|son|se llama|le pusieron)\s)?(?:a\s)?(?:la|las|el|los)\s(?:misma\s)?"
    r"(?:calles?|avenida|pasajes?|plaza|poblaci[oó]n|villa|escuela|local|marca|estatua|lancha)(?!\w)",
    re.IGNORECASE,
)


def is_namesake(text: str, start: int, end: int) -> bool:
    """Returns whether the name from ``start`` to ``end`` is that of a thing, a feast, an animal or a street."""
    said = text[max(0, start - BEFORE) : start]
    plain = without_accents(text[max(0, start - TITLE) : end + TITLE].lower())
    if _LAUGHTER.fullmatch(text, start, end) or any(one in plain for one in phrases("titled")):
        return True
    if without_accents(text[start:end].lower()) in words("communes") and _TOWARDS.search(said):
        return True
    if _things().search(said) or _named().search(text, start, end) or _AFTER.match(text, end, end + AFTER):
        return True
    return bool(_CALLED.search(said)) and _is_of_animal(text[max(0, start - ANIMAL) : start])


def _is_of_animal(said: str) -> bool:
    """Returns whether the last one spoken of is an animal: «se perdió mi perro, es negro y se llama»."""
    animals = list(item("pets").finditer(said))
    people = list(item("parent").finditer(said))
    return bool(animals) and not (people and people[-1].start() > animals[-1].start())


@cache
def _named() -> re.Pattern[str]:
    """Returns a pattern of a thing within its name: «Escuela Ema Espinoza»."""
    return re.compile(rf"(?<!\w)(?:{pattern('schools')})\s", re.IGNORECASE)


@cache
def _things() -> re.Pattern[str]:
    """Returns a pattern of the end of a text before the name of a thing: «el cesfam», «la fiesta de la», «mi gata»."""
    article = r"(?:\s(?:la|el|los|las))?"
    return re.compile(
        rf"(?<!\w)(?:(?:{pattern('namesakes')}){_ADJECTIVE}(?:\s(?:de|del))?{article}{_LEVEL}"
        rf"|(?:{pattern('named_things')}){article}{_LEVEL}|(?:{pattern('pets')}))\s$",
        re.IGNORECASE,
    )
