"""Suggests questions about an entry's subject that its answer seems not to answer, for the editor to confirm.

``unsaid.yml`` lists what citizens usually ask about any subject: the cost, a refund, an appeal. A question is suggested
unless the answer has one of its words. The subject is the first noun phrase of the entry's question, such as «el
permiso de feriante»; without one, its shortest utterance. What the editor confirms becomes a counterexample.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.yaml import read_yaml
from bot.desk.editing.form import Form
from bot.text.decomposition import decomposed
from bot.text.normalize import MARKS, plain

FILE = Path(__file__).with_name("unsaid.yml")
MANY = 12  # counterexamples from which nothing more is suggested
MAX_WORDS = 7  # of a subject, without its article
MIN_UTTERANCE_WORDS, MAX_UTTERANCE_WORDS = 2, 4

CLAUSE = re.compile(r"[¿?¡!,.;:()«»\"]")
SIGNS = re.compile(r"[^\w$]+|(?=\$)")
CONTRACTED = re.compile(r"\b(de|a) el\b")


class Question(BaseModel):
    """A question with the placeholder ``{asunto}``, and the beginnings of words with which an answer answers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(alias="texto")
    said: tuple[str, ...] = Field(alias="lo_dice")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    begins: frozenset[str] = Field(alias="comienza")
    ends: frozenset[str] = Field(alias="termina")
    loose: frozenset[str] = Field(alias="sueltas")
    instead: dict[str, str] = Field(alias="se_dice")
    questions: dict[str, Question] = Field(alias="preguntas")


def unsaid(form: Form) -> tuple[str, ...]:
    """Returns the suggested questions that are neither utterances nor counterexamples yet.

    There are none for an entry without a subject or with MANY counterexamples.
    """
    subject = subject_of(form)
    if not subject or len(form.counterexamples) >= MANY:
        return ()
    answer, phrases = _folded(form.answer), (*form.phrases, *form.counterexamples)
    known = {plain(text) for text in (*form.variants, *(one.text for one in phrases))}
    asked = (_filled(one.text, subject) for one in _file().questions.values() if not _says(answer, one))
    return tuple(text for text in asked if plain(text) not in known)


def subject_of(form: Form) -> str:
    """Returns the subject as a noun phrase; "" if there is neither one nor a short utterance."""
    for clause in CLAUSE.split(form.fields["pregunta"]):
        if found := _noun_phrase(clause.split()):
            return found
    short = [one for one in form.variants if MIN_UTTERANCE_WORDS <= len(one.split()) <= MAX_UTTERANCE_WORDS]
    return CLAUSE.sub("", min(short, key=len)).strip() if short else ""


def _noun_phrase(words: list[str]) -> str:
    """Returns the words from the first article or possessive up to a word that ends a noun phrase; "" if none."""
    numbers = _file()
    for place, article in enumerate(map(str.lower, words)):
        if article not in numbers.begins:
            continue
        phrase: list[str] = []
        for word in words[place + 1 : place + 1 + MAX_WORDS]:
            if plain(word) in numbers.ends:
                break
            phrase.append(word)
        while phrase and phrase[-1] in numbers.loose | numbers.begins:
            phrase.pop()
        if phrase:
            return " ".join((numbers.instead.get(article, article), *phrase))
    return ""


def _filled(text: str, subject: str) -> str:
    return CONTRACTED.sub(r"\1l", text.format(asunto=subject))


def _says(answer: str, question: Question) -> bool:
    return any(f" {_folded(said).strip()}" in answer for said in question.said)


def _folded(text: str) -> str:
    """Returns ``text`` in lower case, without accents, each word after a single space."""
    return f" {SIGNS.sub(' ', MARKS.sub('', decomposed(text.lower())))}"


@cache
def _file() -> _File:
    return _File.model_validate(read_yaml(FILE.read_text(encoding="utf-8")))
