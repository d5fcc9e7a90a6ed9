"""Tests which words ask, in the one list that the assistant, the queue and requests about personal data share."""

from __future__ import annotations

import pytest

from bot.core.texts import area
from bot.text.normalize import plain
from bot.text.questions import (
    asks,
    asks_openly,
    asks_openly_at_last,
    asks_or_wishes,
    asks_what_if,
    begins_asking,
    without_told,
)
from bot.turns.assistant import _begins_asking
from bot.turns.queue import unanswered
from bot.turns.queue.unanswered import asks as asks_while_waiting
from bot.turns.rights.explaining import asks as asks_after_request
from tests.rows import each_row


@pytest.mark.parametrize("text", ["kuando abren", "onde queda", "q hay este finde", "puede venir mi hijo"])
def test_question_word_at_the_start_begins_a_question_of_the_assistant_and_after_a_request(text: str) -> None:
    assert (begins_asking(plain(text).split()), asks_after_request(text)) == (True, True)


def test_hay_begins_a_question_but_tells_something_after_a_request() -> None:
    assert (begins_asking(["hay", "feria"]), asks_after_request("hay un error en mi nombre")) == (True, False)


def test_wish_asks_who_waits_but_explains_a_request() -> None:
    assert asks_while_waiting("quiero la patente") and not asks_after_request("quiero que corrijan mi nombre")


@pytest.mark.parametrize("text", ["creo que no vino", "dijeron que hay que esperar", "quiero", ""])
def test_word_that_any_sentence_may_have_asks_only_at_its_start(text: str) -> None:
    assert not asks_while_waiting(text)


def test_no_words_ask_nothing() -> None:
    assert not begins_asking([]) and not asks_or_wishes([])


def test_words_are_written_as_they_are_compared_and_each_in_one_part() -> None:
    words = [word for part in area("agency")["interrogativas"].values() for word in part]
    assert (words, len(set(words))) == ([plain(word) for word in words], len(words))


@pytest.mark.parametrize("text", ["y donde la devuelvo entonces", "pero cuanto sale", "entonces ke hago"])
def test_question_goes_on_with_a_question_word(text: str) -> None:
    assert begins_asking(text.split())


@pytest.mark.parametrize("text", ["y", "buen finde", "y gracias por todo", "la devuelvo donde dijiste"])
def test_other_text_does_not_begin_as_a_question(text: str) -> None:
    assert not begins_asking(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "si ya viene, quien paga la ambulancia",
        "y donde la devuelvo entonces",
        "ya llegó. y cuánto falta",
        "ok, pero kuanto se demora",
        "gracias, y como se paga",
        "¿ok?",
    ],
)
def test_text_asks_if_a_clause_surely_does(text: str) -> None:
    assert asks(text)


@each_row(
    "text",
    [
        "ya la anclé, gracias",
        "que bueno que ya llegaron",
        "que lata",
        "gracias, que le vaya bonito",
        "como usted diga",
        "como le decia, ya fui",
        "cuando pueda, gracias",
        "ya, cuando tenga el papel vuelvo",
        "quien sabe",
        "quien paga es mi mamá",
        "cuanto lo siento",
        "cuanto antes mejor",
        "donde siempre",
        "si, hay que esperar",
        "hay un papel en la puerta",
        "puede ser, gracias",
        "puedo ir mañana",
        "podria ir el martes",
        "pueden llamarme al 912345678",
        "que dia mas largo",
        "cuando abren no alcanzo a llegar",
        "ay que bueno",
        "y",
        "",
    ],
)
def test_text_that_may_tell_something_does_not_surely_ask(text: str) -> None:
    assert not asks(text)


def test_each_list_of_pairs_begins_with_a_question_word() -> None:
    assert all(begins_asking([first]) for first in area("agency")["preguntas_sin_signos"]["pares"])


@pytest.mark.parametrize(
    "text",
    [
        "y por cuánto sirve",
        "¿Y dónde la devuelvo entonces?",
        "komo la dejo",
        "cuándo nos vemos en la oficina",
        "cómo se paga, gracias",
        "¿cuándo vuelve el camión? nos vemos",
    ],
)
def test_interrogative_at_the_start_asks_openly(text: str) -> None:
    assert asks_openly(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "y",
        "cuando quieras",
        "Como usted diga, gracias",
        "cuánto se lo agradezco",
        "que le vaya bien",
        "puedo irme",
        "como me explicó lo hice y resultó, mil gracias",
        "cuando tenga el papel le cuento, chao",
        "Cuando vuelva le escribo. ¡Nos vemos!",
        "con quien hablé fue muy amable",
    ],
)
def test_courtesy_asks_nothing_openly(text: str) -> None:
    assert not asks_openly(text)


@pytest.mark.parametrize("text", ["chao, ah y otra cosa, dónde pago el agua?", "Gracias. Cuánto vale el permiso"])
def test_question_after_a_farewell_asks_openly_at_last(text: str) -> None:
    assert asks_openly_at_last(text)


@pytest.mark.parametrize(
    "text", ["gracias, qué amable", "como me dijo lo hice, gracias", "chao, cuando quiera nos vemos"]
)
def test_courtesy_in_several_clauses_asks_nothing(text: str) -> None:
    assert not asks_openly_at_last(text)


@pytest.mark.parametrize(
    "text",
    [
        "gracias, cuando tenga los papeles voy",
        "gracias, donde usted me dijo fui",
        "gracias, como a las 5 paso",
        "gracias, quien me atendió fue muy amable",
        "gracias, cuando tenga los papeles que me pidieron voy como a las 5",
    ],
)
def test_thanks_that_promise_or_tell_are_no_question(text: str) -> None:
    assert without_told(text) == "gracias"
    assert not (_begins_asking(text) or unanswered.asks(text))


@pytest.mark.parametrize(
    "text", ["gracias, cuando tenga los papeles voy, ¿a qué hora abren?", "gracias, cuándo abren", "gracias, cómo pago"]
)
def test_question_beside_what_is_told_is_one(text: str) -> None:
    assert without_told(text) == text
    assert _begins_asking(text) and unanswered.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "cuando llegue la carta que hago",
        "cuando me llegue la patente donde la pago",
        "gracias, cuando me den el certificado a quien se lo llevo",
        "muchas gracias, cuando vuelva el sistema puedo pagar en linea",
        "cuando vuelva tengo que pedir otro numero",
    ],
)
def test_telling_that_goes_on_asking_is_a_question(text: str) -> None:
    assert without_told(text) == text
    assert _begins_asking(text) and unanswered.asks(text)


@pytest.mark.parametrize(
    "text",
    ["quiero saber donde pago la patente, cuando me paguen voy", "necesito saber el horario, como a las 5 paso"],
)
def test_wish_before_a_clause_that_tells_is_one(text: str) -> None:
    assert unanswered.asks(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("gracias, y si vivo de allegada", True),
        ("gracias, y si tengo dudas le escribo", False),
        ("gracias, y si Dios quiere voy mañana", False),
        ("y si vivo de allegada", False),
    ],
)
def test_later_clause_asks_what_if(text: str, asked: bool) -> None:
    assert asks_what_if(text) is asked
    assert not asked or _begins_asking(text)
