"""Recognizes what a message says by its wording alone, whatever procedure it is about.

The words are in bot/core/texts/faq.yml.
"""

from __future__ import annotations

import re
from functools import cache

from bot.core.texts import area
from bot.faq.entries.sections import fillers
from bot.faq.words.keywords import NO_SUBJECTS, Subjects, content_stems, general_stems, may_be_subjects
from bot.text.normalize import phonetic, plain
from bot.text.ordinals import ordinals
from bot.text.questions import asks, asks_or_wishes

DETAIL_WORDS = 4
DOUBTED = 0.5  # maximum probability of an entry that the citizen may lack something for
MAX_WORDS = 8  # a longer message says by itself what it is about


def named_stems(text: str, subjects: Subjects = NO_SUBJECTS) -> frozenset[str]:
    """Returns the stems of what the message names; not those that apply to any procedure, nor of a means of payment.

    ``subjects`` are those of ``Keywords``, which name something at this agency.
    """
    words = [word for word in _paying().sub(" ", plain(text)).split() if phonetic(word) not in fillers()]
    named = content_stems(" ".join(word for word in words if word in area("faq")["si_nombra"]))
    named |= may_be_subjects(text) & subjects
    return named | (content_stems(" ".join(words)) - general_stems() - _naming_nothing())


def stays(text: str, subjects: Subjects = NO_SUBJECTS) -> bool:
    """Returns whether the message names nothing new, so that it goes on about what was said before.

    It has only words that apply to any procedure, one of which asks or says something, or names its matter with a
    pronoun.
    """
    says = bool(content_stems(text)) or not set(plain(text).split()).isdisjoint(area("faq")["pregunta_de_todo"])
    return refers_back(text, subjects) or (says and not named_stems(text, subjects))


def speaks_to_the_assistant(text: str) -> bool:
    """Returns whether the message has a word for the assistant or a verb of the second person: «¿qué puedes hacer?»."""
    return not set(plain(text).split()).isdisjoint(area("faq")["le_habla"])


def refers_back(text: str, subjects: Subjects = NO_SUBJECTS) -> bool:
    """Returns whether a short message names its matter only with a pronoun: «¿me lo mandan?», «perdí la mía»."""
    words = plain(text)
    rest, count = _back().subn(" ", words)
    return 0 < count and len(words.split()) <= MAX_WORDS and not named_stems(rest, subjects)


def names_detail(text: str) -> bool:
    """Returns whether the message only names a detail of what was said before: «¿en la notaría?»."""
    words = plain(text).split()
    said = words[1:] if words[:1] == ["y"] else words
    return 2 <= len(said) <= DETAIL_WORDS and said[0] in area("faq")["empieza_un_detalle"]


def most_if_lacking(text: str, question: str) -> float:
    """Returns the maximum probability that an entry with ``question`` answers a short text that something is lacking.

    «No tengo carnet todavía» is no question about how to renew the identity card: 0. Nor is «nunca he tenido clave» one
    about how to recover it, but «no tengo agua todavía» may be: DOUBTED, so that the entry is offered. Else 1.
    """
    known = area("faq")["todavia_no"]
    words, asked = set(plain(text).split()), set(plain(question).split())
    lacks = any(re.search(rf"\b{one}\b", plain(text)) for one in known["no_tengo"])
    needed = asked.intersection((*known["ya_lo_tiene"], *known["lo_tuvo"]))
    yet, never = words.intersection(known["todavia"]), words.intersection(known["nunca"])
    if not (lacks and needed and (yet or never)) or len(plain(text).split()) > MAX_WORDS:
        return 1.0
    return 0.0 if never or asked.intersection(known["ya_lo_tiene"]) else DOUBTED


def asks_who(text: str) -> bool:
    """Returns whether a short message asks who somebody other than the assistant is: «¿cómo se llama el alcalde?».

    Also returns True if it asks who does something, or to whom: «¿quién viene?», «a quién le reclamo».
    """
    words, known = plain(text), area("faq")
    found = _who().match(words) or _does().match(words)
    if not found or len(words.split()) > MAX_WORDS or not content_stems(found["rest"]):
        return False
    return set(found["rest"].split()).isdisjoint((*known["pregunta_por_alguien"]["asistente"], *known["le_habla"]))


def only_tells(text: str) -> bool:
    """Returns whether the text only tells something, and asks or wishes for nothing: «mi perro mordió al cartero».

    It has at most MAX_WORDS words. If no entry answers it, what the citizen wants to know is not said.
    """
    words, known = plain(text).split(), area("agency")["solo_cuenta"]
    if content_stems(text) <= general_stems() or len(words) > MAX_WORDS or asks(text) or asks_or_wishes(words):
        return False
    ends = tuple(known["terminos"])
    tells = any(word.endswith(ends) for word in text.lower().split()) or not set(known["verbos"]).isdisjoint(words)
    return words[0] in known["empieza"] or (words[0] in known["de_quien"] and tells)


@cache
def _back() -> re.Pattern[str]:
    known = area("faq")["se_refiere"]
    before, pronoun, verb, end = ("|".join(known[key]) for key in ("ante", "pronombre", "verbo", "termina"))
    infinitive = r"\w+[aei]r"
    two = rf"(?:{before}) (?:{pronoun})(?: \w+)?"
    one = rf"(?:{pronoun}) (?:{verb})(?:{end})"
    owned = rf"(?:{'|'.join(known['ante_lo_propio'])}) (?:{'|'.join(known['propio'])})"
    joined = rf"(?:(?:{verb})(?:{end}) )?{infinitive}(?:{before})?(?:{pronoun})"
    return re.compile(rf"\b(?:{joined}|{owned}|(?:{two}|{one})(?: {infinitive})?)\b")


@cache
def _naming_nothing() -> frozenset[str]:
    return content_stems(" ".join((*ordinals(), *area("faq")["tampoco_nombra"])))


@cache
def _paying() -> re.Pattern[str]:
    known = area("faq")["medio_de_pago"]
    before, article, verb, takes, means = (
        "|".join(known[key]) for key in ("antes", "articulo", "verbo", "recibe", "medio")
    )
    begins = rf"(?:(?:{verb})\w* |(?:(?:(?:{verb})\w* )?(?:{before})|(?:{takes})\w*) (?:(?:{article}) )?)"
    return re.compile(rf"\b{begins}(?:{means})(?: de (?:{means}))?\b")


@cache
def _who() -> re.Pattern[str]:
    known = area("faq")["pregunta_por_alguien"]
    before, start, article = ("|".join(known[key]) for key in ("antes", "empieza", "articulo"))
    return re.compile(rf"(?:(?:{before}) )*(?:{start}) (?:de )?(?:{article}) (?P<rest>.+)")


@cache
def _does() -> re.Pattern[str]:
    known = area("faq")["pregunta_por_alguien"]
    before, verb = ("|".join(known[key]) for key in ("antes", "hace"))
    return re.compile(
        rf"(?:(?:{before}) )*(?:(?:a|con|de|por) )?[qk]uien (?:(?:me|le|lo|la|nos) )?(?P<rest>(?:{verb})\b.*)"
    )
