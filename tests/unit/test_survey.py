"""Tests how an answer to «¿Cómo fue la atención?» is interpreted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.change import SurveyAnswer
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Speaker
from bot.turns.ratings.survey import ASKED_FOR_MS, answered, question

NOW = 1_000_000_000
ASKED = ConversationState(True, Channel.TELEGRAM, Speaker.ASSISTANT, None, True, question("7", NOW).buttons, 0)


def message(text: str, button: str | None = None) -> CitizenMessage:
    return CitizenMessage("c", Channel.TELEGRAM, "1", text, 0, button)


def after(said: str, state: ConversationState = ASKED) -> ConversationState:
    judged = answered(message(said), state, NOW)
    assert judged is not None
    return replace(state, buttons=judged.change.buttons or ())


def test_titles_fit_every_channels_buttons() -> None:
    assert all(len(button.title) <= 20 for button in (*ASKED.buttons, *after("3").buttons))


@pytest.mark.parametrize(("said", "score"), [("1", 1), ("5.", 5), ("Muy buena", 5), ("MALA", 2)])
def test_score_is_stored_for_its_ticket(said: str, score: int) -> None:
    judged = answered(message(said), ASKED, NOW)
    assert judged is not None
    assert judged.change.survey_answer == SurveyAnswer("7", score=score)


@pytest.mark.parametrize("said", ["6", "gracias", "¿cómo pago?", "buena onda la atención"])
def test_other_text_is_no_rating(said: str) -> None:
    assert answered(message(said), ASKED, NOW) is None


def test_survey_ends_after_a_day_and_never_reaches_rasa() -> None:
    judged = answered(message("5"), ASKED, NOW + ASKED_FOR_MS + 1)
    assert judged is not None
    assert judged.change.survey_answer is None
    assert judged.replies[0].text.startswith("Ya pasó el plazo")


def test_declined_comment_is_no_comment() -> None:
    commenting = after("Dejar un comentario", after("3"))
    judged = answered(message("no gracias"), commenting, NOW)
    assert judged is not None
    assert (judged.change.survey_answer, judged.change.buttons) == (None, ())


@pytest.mark.parametrize("said", ["¿y la patente?", "quiero hablar con una persona", "Persona"])
def test_question_or_request_for_a_person_is_no_comment(said: str) -> None:
    commenting = after("Dejar un comentario", after("3"))
    assert answered(message(said), commenting, NOW) is None
    assert answered(message("fue lento"), commenting, NOW + ASKED_FOR_MS + 1) is None


def test_web_has_its_own_form() -> None:
    assert answered(replace(message("5"), channel=Channel.WEB), ASKED, NOW) is None
