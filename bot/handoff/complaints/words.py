"""Recognizes citizens' answers in the dialogue about a complaint, with the phrases of words.yml."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.yaml import read_yaml_file
from bot.handoff.complaints.form import Step
from bot.text.masking.masking import masked
from bot.text.mourning import mourns
from bot.text.questions import has_mark
from bot.turns.buttons import plain

_FILE = Path(__file__).with_name("words.yml")
_NAMED = r"[A-ZÁÉÍÓÚÑ][\w.']*"
_STREET = rf"{_NAMED}(?:\s+(?:(?:de|del|la|las|los|el)\s+)*{_NAMED})*"
CORNER = re.compile(rf"{_STREET}\s+(?:con|esquina|esq\.?|y)\s+(?:(?:de|del|la|las|los|el)\s+)*{_STREET}")
LEAST_TOLD = 4  # words of a text that tells something
MAX_STATE_WORDS = 12  # a longer message describes something and does not ask for a state


def means(what: str, text: str) -> bool:
    """Returns whether the text means ``what``: cancelar, desistir, saltar, ayuda, enviar or corregir.

    Courtesies around it do not count («sí, por favor»), unless they are of it («no gracias»).
    """
    words, courtesies = plain(text), "|".join(_words()["cortesias"])
    bare = re.sub(rf"^(?:(?:{courtesies}) )+|(?: (?:{courtesies}))+$", "", words)
    return not {words, bare}.isdisjoint(_words()[what])


def declines(text: str) -> bool:
    """Returns whether the text declines («mejor no», «nada»): only the question of a place or photo, else all."""
    return means("desistir", text) or means("nada", text)


def gives_up_call(text: str) -> bool:
    """Returns whether the text gives up the dialogue about a call-back: «mejor no», «olvídalo»."""
    return means("desistir", text) or means("cancelar", text)


def part_named(text: str) -> Step | None:
    """Returns the step whose answer the citizen wants to correct; None if the text mentions none."""
    found = (step for step, words in _words()["partes"].items() if plain(text) in words)
    return next((Step(step) for step in found), None)


def is_question(text: str) -> bool:
    """Returns whether the text looks like a question, and not like an answer in the dialogue."""
    words = plain(text)
    begins = any(words.startswith(f"{start} ") for start in _words()["pregunta"]) or _asks_after_filler(words)
    return has_mark(text) or (begins and len(words.split()) > 1 and not text.rstrip().endswith("."))


def _asks_after_filler(words: str) -> bool:
    fillers, starts = ("|".join(map(re.escape, _words()[key])) for key in ("relleno", "tras_relleno"))
    return re.match(rf"(?:(?:{fillers}) )+(?:{starts}) ", words) is not None


def is_only_place(text: str) -> bool:
    """Returns whether the text is only an address, a corner («Prat con Maipú») or words such as «afuera de mi casa»."""
    return set(plain(CORNER.sub(" ", masked(text))).split()) <= set(_words()["solo_lugar"].split())


def names_complaint(text: str) -> bool:
    """Returns whether the text mentions a complaint."""
    return _has(plain(text), _words()["reclamo"])


def asks_state(text: str) -> bool:
    """Returns whether a short text asks about the state of a complaint."""
    words = plain(text)
    short = len(words.split()) <= MAX_STATE_WORDS
    return short and _has(words, _words()["reclamo"]) and _has(words, _words()["estado"])


def asks_unnamed_state(text: str) -> bool:
    """Returns whether the whole text asks how something goes on, without naming a complaint («¿cómo sé en qué va?»)."""
    fillers = "|".join(map(re.escape, _words()["relleno"]))
    return re.sub(rf"^(?:(?:{fillers}) )+", "", plain(text)) in _words()["estado_sin_nombre"]


def is_about_attention(text: str) -> bool:
    """Returns whether a complaint is about the service at an office or a death, so that it has no place on a map."""
    words = plain(text)
    return (_has(words, _words()["atencion"]) or mourns(text)) and not _has(words, _words()["en_un_lugar"])


def tells_more(text: str, *, marked: bool) -> bool:
    """Returns whether the text goes on telling what happened: no question, and no order about the complaint itself.

    If ``marked``, it must begin as an addition («además», «se me olvidó»): where yes or no is asked, both come in
    many words («dale no más, está todo bien»).
    """
    words = plain(text)
    if len(words.split()) < LEAST_TOLD or is_question(text) or _has(words, _words()["del_reclamo"]):
        return False
    return _begins(words, "agrega") if marked else not _begins(words, "no_agrega")


def _begins(words: str, key: str) -> bool:
    """Returns whether the words begin with one of the phrases of ``key``, perhaps after fillers."""
    fillers, starts = ("|".join(map(re.escape, _words()[one])) for one in ("relleno", key))
    return re.match(rf"(?:(?:{fillers}) )*(?:{starts})\b", words) is not None


def _has(words: str, phrases: list[str]) -> bool:
    return any(re.search(rf"\b{re.escape(phrase)}\b", words) for phrase in phrases)


@cache
def _words() -> Any:
    return read_yaml_file(_FILE)
