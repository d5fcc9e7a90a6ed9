"""Finds the words by which a message declares a complaint, and its subject.

«Quiero reclamar que no pasa el camión» declares a complaint, and its subject is «no pasa el camión». The declaring
words say nothing about the subject, but sound like those of an entry about charges or consumers' rights.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from pathlib import Path

from bot.core.yaml import read_yaml_file
from bot.text.normalize import phonetic
from bot.text.questions import has_mark

WORDS = Path(__file__).with_name("complaint.yml")
WORD = re.compile(r"\w+")
CLOSES = re.compile(r"[,.:;!]+$")
# All groups of WORDS except those of questions.
COMPLAIN = (
    *("quieren", "tienen", "delante", "reclamos", "presentar", "al_presentar"),
    *("tras_reclamo", "tras_tener", "empiezan", "tras_motivo"),
)


def complains(text: str) -> bool:
    """Returns whether a message declares a complaint: «quiero reclamar que...», «vengo a poner un reclamo».

    «¿dónde se reclama?», «quiero retirar mi reclamo» and «quiero reclamar mi herencia» do not, nor does any message
    that asks a question: «reclamo por una multa, cómo se hace».
    """
    return matter_of_complaint(text) is not None


def matter_of_complaint(text: str) -> str | None:
    """Returns a complaint without the words that declare it, '' if none are left; None for any other message.

    The subject may stand before these words, too: «mi calle está a oscuras, quiero reclamar».
    """
    tokens = text.split()
    folded = [(word, number) for number, token in enumerate(tokens) for word in phonetic(token).split()]
    words = [word for word, _ in folded]
    closed = frozenset(at for at, (_, number) in enumerate(folded) if CLOSES.search(tokens[number]))
    found = (span for at in range(len(words)) if (span := _complaint_at(words, at, closed)))
    if (span := next(found, None)) is None or _asks(text, words):
        return None
    said = {number for _, number in folded[slice(*span)]}
    return " ".join(token for number, token in enumerate(tokens) if number not in said)


def says_complaint(text: str) -> bool:
    """Returns whether a text mentions complaints: «¿Cómo hago un reclamo?»."""
    return not complaint_words("reclamos").isdisjoint(phonetic(text).split())


def _complaint_at(words: list[str], at: int, closed: frozenset[int]) -> tuple[int, int] | None:
    """Returns the start and the end of the words that declare a complaint from ``at`` on; None if there are none.

    ``closed`` are the indices of words before a comma or the like, which complete a declaration: «quiero reclamar, la
    luz falló», but not «quiero reclamar la herencia».
    """
    after = complaint_words("tras_reclamo")
    if at == 0 and words[0] in complaint_words("empiezan"):
        ends = words[1:2] and words[1] in complaint_words("tras_motivo")
        return (0, 1 + _length(words[1:], after)) if ends else None
    has = words[at] in complaint_words("tienen")
    if not (has or words[at] in complaint_words("quieren")) or "no" in words[max(at - 1, 0) : at]:
        return None
    noun = at + 1 + _length(words[at + 1 :], complaint_words("presentar", "al_presentar"))
    if noun == len(words) or words[noun] not in complaint_words("reclamos"):
        return None
    if has and complaint_words("tras_tener").isdisjoint(words[noun + 1 : noun + 2]):
        return None
    end = noun + 1 + _length(words[noun + 1 :], after)
    start = at - (words[max(at - 1, 0)] in complaint_words("delante"))
    return (start, end) if end > noun + 1 or end == len(words) or noun in closed else None


def _asks(text: str, words: list[str]) -> bool:
    """Returns whether a message asks a question; ``words`` are its folded words."""
    said, groups = f" {' '.join(words)} ", _groups()
    marked = has_mark(text) or not set(groups["preguntan"]).isdisjoint(WORD.findall(text.lower()))
    phrases, last = ([f" {phonetic(one)} " for one in groups[key]] for key in ("frases_de_pregunta", "frases_al_final"))
    return marked or any(one in said for one in phrases) or said.endswith(tuple(last))


def _length(words: list[str], among: frozenset[str]) -> int:
    """Returns how many words at the start of ``words`` are in ``among``."""
    return sum(1 for _ in takewhile(among.__contains__, words))


@cache
def complaint_words(*groups: str) -> frozenset[str]:
    """Returns the words of the given groups of complaint.yml, folded by sound; by default the groups COMPLAIN."""
    found = _groups()
    return frozenset(part for one in groups or COMPLAIN for word in found[one] for part in phonetic(word).split())


@cache
def _groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = read_yaml_file(WORDS)
    return groups
