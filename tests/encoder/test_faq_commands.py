"""Tests commands in words for which Rasa has no intent, with the real encoder and the project's sentences."""

from __future__ import annotations

import pytest

from actions.vote import commanded
from bot.faq.answering.answerer import Answerer
from bot.faq.ranking.classifier import learn
from bot.faq.ranking.coefficients import tuned
from bot.faq.ranking.commands import command_in
from bot.faq.ranking.sentences import COMMANDS, load_sentences
from bot.faq.ranking.vectorizer import Vectorizer
from tests.encoder.conftest import TODAY

LEAST_RECALL, MOST_LOOK_ALIKES = 0.85, 0.05


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("quiero que me atienda un ser humano y no esta máquina", "ask_human"),
        ("la señora del mesón me trató como las reverendas, qué falta de respeto", "complaint"),
        ("se pasó oiga, muy agradecida", "thank"),
        ("oye y tú eris de carne y hueso o un programa", "bot_identity"),
    ],
)
def test_command_is_recognized_in_other_words(demo: Answerer, text: str, command: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert decision.command
    assert decision.command.name == command


@pytest.mark.parametrize(
    "text",
    [
        "cómo renuevo mi licencia de conducir",
        "quiero cambiar mi domicilio electoral",
        "y por cuánto sirve",
        "y donde la devuelvo entonces",
    ],
)
def test_question_is_no_command(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert decision.command is None


def test_person_asked_for_about_a_matter_has_its_entry_and_the_command(demo: Answerer) -> None:
    decision = demo.answer("páseme con una persona, quiero avisar de un hoyo en la calle", today=TODAY)
    assert decision.entry
    assert (decision.entry.id, decision.command and decision.command.name) == ("bache", "ask_human")


def test_person_asked_for_in_a_hurry_is_no_danger(demo: Answerer) -> None:
    decision = demo.answer("no no no, quiero una persona", today=TODAY)
    assert decision.command
    assert decision.command.name == "ask_human"
    assert not (decision.danger and decision.danger.sure)


@pytest.mark.parametrize("words", ["Soporte", "atencion al cliente", "servicio al cliente", "contactar a soporte"])
def test_name_of_another_services_desk_is_a_request_for_a_person(demo: Answerer, words: str) -> None:
    assert commanded(demo.answer(words, today=TODAY), words) == "ask_human"


@pytest.mark.parametrize("words", ["¿hay soporte para silla de ruedas?", "curso de servicio al cliente gratis"])
def test_matter_that_has_these_words_is_no_request_for_a_person(demo: Answerer, words: str) -> None:
    decision = demo.answer(words, today=TODAY)
    assert commanded(decision, words) != "ask_human"
    assert not (decision.command and decision.command.name == "ask_human" and decision.command.sure)


def test_persons_are_asked_for_in_the_words_of_an_author_who_was_not_learnt(space: Vectorizer) -> None:
    sentences = load_sentences(COMMANDS)
    known = [one for one in sentences if one.author != "3"]
    rows = space.rows(tuple(one.text for one in known))
    learnt = learn(rows, [one.kind for one in known], space.questions, tuned().commands).classifier()

    def share_taken(kind: str) -> float:
        texts = [one.text for one in sentences if (one.author, one.kind) == ("3", kind)]
        judged = [command_in(space.rows((text,)), learnt) for text in texts]
        taken = [one for one in judged if one and one.name == "ask_human" and one.sure]
        return len(taken) / len(texts)

    assert share_taken("ask_human") >= LEAST_RECALL
    assert share_taken("") <= MOST_LOOK_ALIKES


@pytest.mark.parametrize(
    "text",
    ["encontre un perro con chip como se de quien es", "y puede ser anonimo?", "puedo devolverlo si no me gusta"],
)
def test_question_of_the_trade_is_not_about_the_assistant(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert decision.command is None


@pytest.mark.parametrize("words", ["mejor no me llamen", "no no no, quiero una persona"])
def test_command_of_a_waiting_citizen_is_no_sure_danger(demo: Answerer, words: str) -> None:
    danger = demo.danger(words)
    assert not (danger and danger.sure)


@pytest.mark.parametrize("command", ["que alguien me llame por favor", "quiero hablar con una persona"])
def test_danger_beside_a_command_is_sure_before_the_queue_and_in_it(demo: Answerer, command: str) -> None:
    text = f"un vecino está agarrando a combos a su mujer en plena calle, {command}"
    waiting, before = demo.danger(text), demo.answer(text, today=TODAY).danger
    assert (waiting and waiting.sure, before and before.sure) == (True, True)
