"""Tests the questions about a complaint: their words and the buttons below them."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.core.messages import Reply
from bot.handoff.complaints.form import Form, Step
from bot.handoff.complaints.questions import CANCEL, FIX, SEND, SHOWN_CHARACTERS, SKIP, Questions
from bot.turns.buttons import LOCATE


def payloads(reply: Reply) -> list[str]:
    return [one.payload for one in reply.buttons]


def test_question_follows_the_lead(agency: Agency) -> None:
    assert Questions(agency).reply(Form(Step.WHAT), "Hola.").text == f"Hola.\n\n{agency.say('reclamo_que')}"


def test_position_is_asked_only_on_channels_that_share_one(agency: Agency) -> None:
    forms = (Form(Step.WHERE, locates=True), Form(Step.WHERE))
    assert [payloads(Questions(agency).reply(form)) for form in forms] == [[LOCATE, SKIP, CANCEL], [SKIP, CANCEL]]


def test_last_question_shows_the_whole_complaint_with_a_long_description_shortened(agency: Agency) -> None:
    form = Form(Step.CONFIRM, what="a" * SHOWN_CHARACTERS + "bc", location="Los *Aromos* 12")
    reply = Questions(agency).reply(form)
    assert "a" * SHOWN_CHARACTERS + "…" in reply.text
    assert r"Los \*Aromos\* 12" in reply.text
    assert payloads(reply) == [SEND, FIX, CANCEL]


def test_citizen_names_the_part_to_correct(agency: Agency) -> None:
    assert payloads(Questions(agency).reply(Form(Step.FIX))) == [f"{FIX}:what", f"{FIX}:where", f"{FIX}:photo"]
