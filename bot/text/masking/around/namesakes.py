"""Recognizes what bears a person's name and is none: a school, a feast, a boat, an animal, a street."""

from __future__ import annotations

import re
from functools import cache

from bot.text.masking.found import ending, item, pattern, without_accents, words
from bot.text.masking.known_names import is_given

BEFORE, ANIMAL, TITLE = 60, 100, 9  # number of characters around a name in which words may say what it is
_CALLED = re.compile(r"(?:se llama(?:ba)?|llamad[oa]|le dicen|de nombre|que es|responde a[l]?)\s$", re.IGNORECASE)
_LAUGHTER = re.compile(r"(?:j+[aeiou]+){2,}j?", re.IGNORECASE)
_TOWARDS = re.compile(
    r"(?<!\w)(?:a|en|de|desde|hasta|por|hacia|para|y|al|puerto)\s$", re.IGNORECASE
)  # «lo mandaron a Chillán»
# «escuela Profesora Ema Espinoza», not «en la escuela profesora Ema» or «en el pasaje don Luis Soto».
_LEVEL = (
    r"(?:\s(?:presb[ií]tero|padre|fray|sor|general|capit[aá]n|presidente|sargento"
    r"|(?-i:Don|Doña|Doctora?|Dra?\.?|Profesora?|DON|DOÑA)))?"
)
_ADJECTIVE = r"(?:\s(?:b[aá]sica|municipal|rural|infantil|deportiv[oa]|t[eé]cnic[oa]|nueva|chica|regional|familiar))?"
_ARTICLE = r"(?:\s(?:la|el|los|las))?"
_THING = (
    r"(?:la|las|el|los|mi|nuestr[oa])\s(?:misma\s)?"
    r"(?:calles?|avenida|pasajes?|plaza|poblaci[oó]n|villa|escuela|liceo|colegio|jard[ií]n|local|marca|estatua|lancha)(?!\w)"
)
# «está en el Benjamín Viel», a hospital; not «creo en el Pedro Torres».
_IN_THE = re.compile(
    r"(?<!\w)(?:est[aá]n?|estoy|estaba|intern\w+|ingres\w+|hospitaliz\w+|atiend\w+|atend\w+|oper(?:ad[oa]|aron|an)|estudi\w+)"
    r"(?:\s(?:hoy|ayer|ahora|siempre|ac[aá]))?\sen\sel\s$",
    re.IGNORECASE,
)
# «Rubén Darío es la calle», «Valentina se llama la calle», «El Rocío, así se llama el local», «Rosa Ester, la calle.»
_AFTER = re.compile(
    rf"(?:,?\sas[ií])?\s(?:es|era|son|se llama|le pusieron)\s(?:a\s)?{_THING}"
    rf"|\s?[,(]\s?{_THING}(?=\s?(?:[.,;:?!)\n]|$))",
    re.IGNORECASE,
)
_OF = re.compile(r"(?<!\w)del?(?:\s(?:la|el|los|las))?\s$", re.IGNORECASE)
_ARTICLE_BEFORE = re.compile(r"(?<!\w)(?:la|el) $", re.IGNORECASE)
_FIRST = re.compile(r"[^\W\d_]+")


def is_namesake(text: str, start: int, end: int) -> bool:
    """Returns whether the name from ``start`` to ``end`` is that of a thing, a feast, an animal or a street."""
    said = text[max(0, start - BEFORE) : start]
    if _LAUGHTER.fullmatch(text, start, end) or item("titled").search(text[max(0, start - TITLE) : end + TITLE]):
        return True
    if without_accents(text[start:end].lower()) in words("communes") and _TOWARDS.search(said):
        return True
    if _is_where(text, start, end) or _is_of_mine(text, start, end):
        return True
    if _is_of_thing(text, start, end) or (_AFTER.match(text, end) and not _announced().search(said)):
        return True
    before = text[max(0, start - ANIMAL) : start]
    return bool(_CALLED.search(said) or ending("pets").search(said)) and is_of_animal(before)


def is_of_animal(said: str) -> bool:
    """Returns whether the last one spoken of is an animal: «se perdió mi perro, es negro y se llama»."""
    animals = [one.start() for one in item("pets").finditer(said) if not _owner().search(said, 0, one.start())]
    people = [one.start() for key in ("parent", "animal_people") for one in item(key).finditer(said)]
    return bool(animals) and max(people, default=-1) <= animals[-1]


def _is_of_mine(text: str, start: int, end: int) -> bool:
    """Returns whether a single name is that of my animal: «la Isidora mi gata», not «soy la Isidora mi gata»."""
    said = text[max(0, start - BEFORE) : start]
    article = _ARTICLE_BEFORE.search(said)
    if article is None or not _mine().match(text, end) or not _FIRST.fullmatch(text, start, end):
        return False
    return not (_announced().search(said) or ending("parent", "animal_people").search(said, 0, article.start()))


def _is_where(text: str, start: int, end: int) -> bool:
    """Returns whether a name of two words or more is that of what one is «en el»: «está en el Benjamín Viel»."""
    said = text[max(0, start - BEFORE) : start]
    return " " in text[start:end] and _IN_THE.search(said) is not None


def _is_of_thing(text: str, start: int, end: int) -> bool:
    """Returns whether a thing, place or feast is said before the name, or at its beginning: «Escuela Ema Espinoza»."""
    said = text[max(0, start - BEFORE) : start]
    first = _FIRST.match(text, start)
    known = first is not None and is_given(first[0])
    if _named().match(text, start, end) and not known:
        return True
    if known and end > start + len(first[0] if first else "") and _OF.search(said):  # «la fiesta de Ana Soto»
        return False
    return _things().search(said) is not None


@cache
def _announced() -> re.Pattern[str]:
    """Returns a pattern of the end of a text before the name of whom it says who they are: «soy», «firma:»."""
    cues = rf"(?:{pattern('self')}|{pattern('named')})(?!\w)|(?:{pattern('labelled')})\s?:"
    return re.compile(rf"(?<!\w)(?:{cues})[\s:,(]{{1,3}}(?:(?:la|el|don|doña|señora?)\s)?$", re.IGNORECASE)


@cache
def _owner() -> re.Pattern[str]:
    """Returns a pattern of the end of a text before the animal of somebody: «la dueña del», «el señor de los»."""
    return re.compile(
        rf"(?<!\w)(?:{pattern('animal_people')}|{pattern('parent')})\s(?:del?|con)(?:\s(?:la|el|los|las|un|una|mi|su|ese|esa))?\s$",
        re.IGNORECASE,
    )


@cache
def _mine() -> re.Pattern[str]:
    """Returns a pattern of my animal, after a name: «la Isidora mi gata»."""
    return re.compile(rf" mi (?:{pattern('pets')})(?!\w)", re.IGNORECASE)


@cache
def _named() -> re.Pattern[str]:
    """Returns a pattern of a thing within its name: «Escuela Ema Espinoza»."""
    return re.compile(rf"(?:(?:la|el)\s)?(?:{pattern('schools')})\s", re.IGNORECASE)


@cache
def _things() -> re.Pattern[str]:
    """Returns a pattern of the end of a text before the name of a thing: «el cesfam», «la fiesta de la»."""
    return re.compile(
        rf"(?<!\w)(?:(?:{pattern('namesakes')}|{pattern('places_of')}|{pattern('feasts')}){_ADJECTIVE}(?:{_LEVEL}|{_ARTICLE})"
        rf"|(?:{pattern('places_of')}){_ADJECTIVE}\sde|(?:{pattern('feasts')})\sdel?{_ARTICLE}"
        rf"|(?:{pattern('named_things')})(?:{_LEVEL}|{_ARTICLE}))\s$",
        re.IGNORECASE,
    )
