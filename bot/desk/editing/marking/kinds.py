"""Groups the wordings of an entry by kind, so that its editor sees which ways of asking are missing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from bot.core.texts import say
from bot.desk.editing.form import Form
from bot.desk.editing.listing import Published
from bot.faq.entries.entry import Entry
from bot.faq.words.spelling import Speller
from bot.text.normalize import plain

WORDS = Path(__file__).with_name("kinds.yml")
MOST_SHORT_WORDS, LEAST_TOLD_WORDS = 3, 7
VOCABULARY_ENTRIES = 300  # entries whose questions and answers teach the usual spelling; more would take seconds
HAPPENED = re.compile(r"(é|í|ó|aron|ieron)\b")  # the ends of a Spanish past tense
CAREFUL = re.compile(r"[A-ZÁÉÍÓÚÑ¿¡]")  # who begins so writes carefully; one odd word is then a name or an acronym


class Kind(StrEnum):
    """A way of asking; a wording may be of several. The Spanish names are in ``entradas.gente.tipos``."""

    SHORT = "short"
    FAULTY = "faulty"  # with faults of spelling, or chat abbreviations
    SITUATION = "situation"  # tells what happens to somebody
    CITIZENS = "citizens"  # citizens wrote it, and an editor accepted it


class WordingKinds:
    """Groups the wordings of a form; usual spelling is that of the published entries."""

    def __init__(self, faq: Published) -> None:
        self._faq = faq
        self._speller: tuple[Sequence[Entry], Speller] | None = None

    async def of(self, form: Form) -> Mapping[Kind, Sequence[str]]:
        """Returns the distinct wordings of each kind, in the order of their lines."""
        return await asyncio.to_thread(self._of, form)

    def _of(self, form: Form) -> dict[Kind, list[str]]:
        texts = list(dict.fromkeys((*form.variants, *(one.text for one in form.phrases))))
        accepted = say("entradas.frase_de_personas", quien="", fecha="").partition(",")[0]
        citizens = {one.text for one in form.phrases if one.comment.startswith(accepted)}
        spelled = self._spelled()
        return {
            Kind.SHORT: [one for one in texts if len(plain(one).split()) <= MOST_SHORT_WORDS],
            Kind.FAULTY: [one for one in texts if is_faulty(one, spelled)],
            Kind.SITUATION: list(filter(is_situation, texts)),
            Kind.CITIZENS: [one for one in texts if one in citizens],
        }

    def _spelled(self) -> Speller:
        """Returns a speller that knows the published questions and answers; builds it anew after a publication."""
        entries = self._faq.entries
        if self._speller is None or self._speller[0] is not entries:
            texts = (text for one in entries[:VOCABULARY_ENTRIES] for text in (one.question, one.body))
            self._speller = entries, Speller(texts)
        return self._speller[1]


def is_faulty(text: str, spelled: Speller) -> bool:
    """Returns whether a text has words of unusual spelling; missing accents do not count."""
    written, usual = plain(text).split(), plain(spelled.restored(text)).split()
    odd = sum(one not in usual for one in written)
    return odd > (1 if CAREFUL.match(text) else 0)


def is_situation(text: str) -> bool:
    """Returns whether a text tells what happens to somebody, instead of asking for something by its name."""
    words, own = plain(text).split(), _words()
    if len(words) < LEAST_TOLD_WORDS or text.startswith("¿") or any(one.startswith(own["formal"]) for one in words):
        return False
    return bool(HAPPENED.search(text.lower())) or not set(own["own"]).isdisjoint(words)


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(some) for name, some in yaml.safe_load(WORDS.read_text(encoding="utf-8")).items()}
