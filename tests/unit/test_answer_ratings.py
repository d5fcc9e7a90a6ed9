"""Tests when citizens are asked whether an answer helped, and how their reply is parsed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.change import AnswerRating, Change
from bot.conversation.dialogue import SESSION_MS, Dialogue
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import (
    Button,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Provenance,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.payload import Payload
from bot.turns.buttons import offered, pressed, with_ids
from bot.turns.outcome import Decision, Turn
from bot.turns.ratings.answers import REASONS, asking, rated, with_complaint

NOW = 1_000_000_000
PROOF = Provenance("licencia", "v1", "¿Cómo?", 0.9)
ANSWER = Reply("Así.", provenance=PROOF)
STATE = ConversationState(True, Channel.TELEGRAM, Speaker.ASSISTANT, None, True, (), 0)
ASKED_BEFORE = Dialogue().after([Payload("Así.", provenance=PROOF)], {}, None, NOW)


def asked(
    turn: Turn, channel: Channel = Channel.TELEGRAM, state: ConversationState = STATE, now: int = NOW
) -> list[bool]:
    return [bool(one.rating_id) for one in asking(turn, channel, state, now).replies]


def message(text: str, button: str | None = None) -> CitizenMessage:
    return CitizenMessage("c", Channel.TELEGRAM, "1", text, 0, button)


def after_answer(channel: Channel = Channel.TELEGRAM) -> tuple[ConversationState, str]:
    """Returns the state after an answer, and the answer's rating id."""
    replies = with_ids(asking(Turn((ANSWER,)), channel, STATE, NOW).replies)
    return replace(STATE, buttons=offered(replies)), replies[0].rating_id


@pytest.mark.parametrize("channel", list(Channel))
def test_citizen_is_asked_about_an_answer(channel: Channel) -> None:
    assert asked(Turn((ANSWER,)), channel) == [True]
    assert asked(Turn((Reply("¡Hola!"),)), channel) == [False]


def test_page_with_a_form_gets_no_buttons() -> None:
    (reply,) = asking(Turn((ANSWER,)), Channel.WEB, STATE, NOW).replies
    assert reply.buttons == ()
    (reply,) = asking(Turn((ANSWER,)), Channel.WHATSAPP, STATE, NOW).replies
    assert [one.title for one in reply.buttons] == ["Sí", "No"]


def test_citizen_is_asked_once_about_an_entry() -> None:
    told = replace(STATE, dialogue=ASKED_BEFORE)
    other = replace(ANSWER, provenance=replace(PROOF, entry="patente"))
    assert asked(Turn((ANSWER,)), state=told) == [False]
    assert asked(Turn((other,)), state=told) == [True]
    assert asked(Turn((ANSWER,)), state=told, now=NOW + SESSION_MS + 1) == [True]


@pytest.mark.parametrize(
    "turn",
    [
        Turn((ANSWER,), Handoff(HandoffReason.COMPLAINT)),
        Turn((Reply("Llama al 131.", danger=RecognizedDanger("salud", sure=False)), ANSWER)),
        Turn((replace(ANSWER, buttons=(Button("Dejar un reclamo", "/complaint"),)),)),
    ],
)
def test_question_never_disturbs(turn: Turn) -> None:
    assert not any(asked(turn))


def test_citizen_in_danger_is_not_asked() -> None:
    assert asked(Turn((ANSWER,)), state=replace(STATE, dangers=(KeptDanger("gas", False, NOW),))) == [False]


def test_two_answers_are_asked_about_only_where_there_is_room() -> None:
    two = Turn((ANSWER, replace(ANSWER, provenance=replace(PROOF, entry="patente"))))
    assert asked(two, Channel.WEB) == [True, True]
    assert asked(two, Channel.TELEGRAM) == [False, False]


@pytest.mark.parametrize(
    ("said", "useful"), [("Sí", True), ("si, me sirvió", True), ("No", False), ("no me sirvió!", False)]
)
def test_typed_word_rates_the_answer(said: str, useful: bool) -> None:
    state, answer = after_answer(Channel.WHATSAPP)
    judged = rated(message(said), state)
    assert judged is not None
    assert judged.change.answer_rating == AnswerRating(answer, useful)


@pytest.mark.parametrize("said", ["1", "2", "no entiendo el paso 2", "¿sí?  y cuánto sale", "ok", ""])
def test_other_text_is_no_rating(said: str) -> None:
    state, _ = after_answer()
    assert rated(message(said), state) is None
    assert pressed(message(said), state.buttons) is None


def test_no_asks_why_in_one_tap_and_offers_a_person() -> None:
    state, answer = after_answer()
    judged = rated(message("", f"useful-no-{answer}"), state)
    assert judged is not None
    (reply,) = judged.replies
    assert [one.id for one in reply.buttons[:-1]] == [f"useful-{reason}-{answer}" for reason in REASONS]
    assert reply.buttons[-1].payload == "/ask_human"
    assert all(len(one.title) <= 20 for one in reply.buttons)


@pytest.mark.parametrize("said", ["Falta algo", "2"])
def test_reason_is_kept_with_the_rating(said: str) -> None:
    state, answer = after_answer()
    judged = rated(message("no"), state)
    assert judged is not None
    again = rated(message("", f"useful-missing-{answer}"), state)
    typed = pressed(message(said), judged.change.buttons or ())
    assert typed is not None and typed.id == f"useful-missing-{answer}"
    assert again is not None and again.change.answer_rating == AnswerRating(answer, useful=False, reason="missing")


def test_typed_number_chooses_a_reason() -> None:
    state, answer = after_answer()
    judged = rated(message("no"), state)
    assert judged is not None
    chosen = rated(message("2"), replace(state, buttons=judged.change.buttons or ()))
    assert chosen is not None and chosen.change.answer_rating == AnswerRating(answer, useful=False, reason="missing")


def test_other_choice_undoes_the_first_one_even_much_later() -> None:
    state, answer = after_answer()
    first = rated(message("no"), state)
    assert first is not None
    typed = rated(message("sí"), replace(state, buttons=first.change.buttons or ()))
    assert typed is not None and typed.change.answer_rating == AnswerRating(answer, useful=True)
    late = rated(message("Sí", f"useful-yes-{answer}"), STATE)
    assert late is not None and late.change.answer_rating == AnswerRating(answer, useful=True)


@pytest.mark.parametrize("button", ["b1", "useful-", "useful-often-abcdefgh", "danger-gas"])
def test_other_button_is_no_rating(button: str) -> None:
    assert rated(message("x", button), STATE) is None


def test_complaint_about_the_answer_rates_the_newest_one() -> None:
    complaint = Decision((), Change(), Handoff(HandoffReason.NEGATIVE_FEEDBACK))
    assert with_complaint(complaint).change.answer_rating == AnswerRating("", useful=False)
    assert with_complaint(Decision()).change.answer_rating is None
