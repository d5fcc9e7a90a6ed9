"""Suggests questions about an entry's subject that its answer seems not to answer, for the editor to confirm.

``unsaid.yml`` lists what citizens usually ask about any subject: the cost, a refund, an appeal. A question is suggested
unless the answer has one of its words. The subject is the first noun phrase of the entry's question, such as «el
permiso de feriante»; without one, that of its shortest utterance with one. Nothing is suggested about a person or an
animal. What the editor confirms becomes a counterexample.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.yaml import read_yaml_file
from bot.desk.editing.form import Form
from bot.text.decomposition import decomposed
from bot.text.normalize import MARKS, plain

FILE = Path(__file__).with_name("unsaid.yml")
MANY = 12  # counterexamples from which nothing more is suggested
MAX_WORDS = 7  # of a subject, without its article
MIN_UTTERANCE_WORDS, MAX_UTTERANCE_WORDS = 2, 4

CLAUSE = re.compile(r"[¿?¡!,.;:()«»\"]")
SIGNS = re.compile(r"(?:[^\w$:]|(?<!\d):|:(?!\d))+|(?=\$)")
CONTRACTED = re.compile(r"\b(de|a) el\b")


class Question(BaseModel):
    """A question with the placeholder ``{asunto}``, and regular expressions of words that answer it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(alias="texto")
    said: tuple[str, ...] = Field(alias="lo_dice")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds in a folded answer one of the words that answer this question."""
        return re.compile(f" (?:{'|'.join(self.said)})")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    begins: frozenset[str] = Field(alias="comienza")
    articles: frozenset[str] = Field(alias="articulos")
    ends: frozenset[str] = Field(alias="termina")
    loose: frozenset[str] = Field(alias="sueltas")
    instead: dict[str, str] = Field(alias="se_dice")
    beings: frozenset[str] = Field(alias="seres")
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
    asked = (_filled(one.text, subject) for one in _file().questions.values() if not one.pattern.search(answer))
    return tuple(text for text in asked if plain(text) not in known)


def subject_of(form: Form) -> str:
    """Returns the subject as a noun phrase; "" if neither question nor a short utterance has one, or it is a being."""
    short = [one for one in form.variants if MIN_UTTERANCE_WORDS <= len(one.split()) <= MAX_UTTERANCE_WORDS]
    for text in (form.fields["pregunta"], *sorted(short, key=len)):
        for clause in CLAUSE.split(text):
            if phrase := _noun_phrase(clause.split(), inner=text is form.fields["pregunta"]):
                return "" if _is_being(phrase[1]) else " ".join(phrase)
    return ""


def _noun_phrase(words: list[str], *, inner: bool) -> list[str]:
    """Returns the words from the first article or possessive up to a word that ends a noun phrase; [] if none.

    Unless ``inner``, skips those after a preposition: in «golpe en la cabeza», the head is not the subject.
    """
    grammar = _file()
    for place, article in enumerate(map(str.lower, words)):
        if article not in grammar.begins or not (inner or _is_first(words, place)):
            continue
        phrase: list[str] = []
        for word in words[place + 1 : place + 1 + MAX_WORDS]:
            if _ends(word, phrase):
                break
            phrase.append(word)
        while phrase and phrase[-1] in grammar.loose | grammar.begins:
            phrase.pop()
        if phrase:
            return [grammar.instead.get(article, article), *phrase]
    return []


def _is_first(words: list[str], place: int) -> bool:
    """Returns whether the word is an article, not «al» or «del», and follows no preposition or conjunction."""
    grammar = _file()
    before = plain(words[place - 1]) if place else ""
    return words[place].lower() in grammar.articles and before not in grammar.loose | grammar.ends


def _ends(word: str, phrase: list[str]) -> bool:
    """Returns whether a noun phrase ends before ``word``, such as at an article that follows no preposition."""
    grammar = _file()
    if plain(word) in grammar.ends:
        return True
    return word.lower() in grammar.articles and bool(phrase) and phrase[-1].lower() not in grammar.loose


def _is_being(noun: str) -> bool:
    word = plain(noun)
    return not {word, word.removesuffix("s")}.isdisjoint(_file().beings)


def _filled(text: str, subject: str) -> str:
    return CONTRACTED.sub(r"\1l", text.format(asunto=subject))


def _folded(text: str) -> str:
    """Returns ``text`` in lower case, without accents; of its signs stay «$» and the colon of a time."""
    return f" {SIGNS.sub(' ', MARKS.sub('', decomposed(text.lower())))}"


@cache
def _file() -> _File:
    return _File.model_validate(read_yaml_file(FILE))
