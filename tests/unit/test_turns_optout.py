"""Tests that «baja» and «alta» count only as the whole message, on channels that send notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.agency.model import Agency
from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState, state_from
from bot.core.clock import now_ms
from bot.core.messages import Button, Channel, CitizenMessage, Speaker
from bot.core.payload import Payload
from bot.handoff.complaints.dialogue import ComplaintDialogue
from bot.handoff.complaints.filing import Filing
from bot.handoff.complaints.form import FORGOTTEN_AFTER_MS, Form, Step
from bot.handoff.hours import ServiceHours
from bot.text.notice_words import BACK_WORDS, OUT_WORDS
from bot.turns.optout import about_notices, wants_notices
from tests.rows import each_row


def wish(text: str, channel: Channel = Channel.WHATSAPP, button: str | None = None) -> bool | None:
    return wants_notices(CitizenMessage("c", channel, "1", text, 0, button=button))


@each_row("text", [*sorted(OUT_WORDS), " BAJA. ", "¡Stop!", "Dar  de  baja", "no más avisos"])
def test_opting_out_is_understood(text: str) -> None:
    assert wish(text) is False
    assert wish(text, Channel.TELEGRAM) is False


@pytest.mark.parametrize("text", [*sorted(BACK_WORDS), "ALTA", "¿Dar de alta?"])
def test_opting_in_is_understood(text: str) -> None:
    assert wish(text) is True


@pytest.mark.parametrize(
    "text", ["", "   ", "🛑", "quiero dar de baja la luz", "baja del cerro", "bajas", "licencia alta", "b a j a"]
)
def test_words_within_a_question_are_no_request(text: str) -> None:
    assert wish(text) is None


def test_no_utterance_means_both() -> None:
    assert not OUT_WORDS & BACK_WORDS


@pytest.mark.parametrize("text", ["baja", "alta"])
def test_web_message_and_button_mean_nothing(text: str) -> None:
    assert wish(text, Channel.WEB) is None
    assert wish(text, button="b1") is None


NEW = state_from({}, notices_off=False)
ATTENDED = replace(NEW, speaker=Speaker.STAFF)
READ = replace(NEW, seen_by_staff_at=5)


def after(said: Payload) -> Dialogue:
    return Dialogue().after((said,), {}, None, now_ms())


OFFERED = replace(NEW, buttons=(Button("Baja", "/choose_entry", "b1"), Button("Alto", "/choose_entry", "b2")))


@pytest.mark.parametrize(
    ("text", "state", "means"),
    [
        ("baja", NEW, False),
        ("baja", ATTENDED, None),
        ("alta", ATTENDED, None),
        ("dar de baja", ATTENDED, None),
        ("alto", READ, None),
        ("baja", OFFERED, None),
        ("alto", OFFERED, None),
        ("alta", OFFERED, True),
        ("stop", ATTENDED, False),
        ("Unsubscribe.", READ, False),
        ("stop", OFFERED, False),
        ("dar de baja", NEW, False),
        ("dar de baja", replace(NEW, form="{}"), None),
        ("dar de baja", replace(NEW, dialogue=after(Payload("¿Sobre qué trámite?", missed=True))), None),
        ("dar de baja", replace(NEW, dialogue=after(Payload("Cuesta 10."))), False),
        ("baja", replace(NEW, form="{}"), False),
        ("stop", replace(NEW, form="{}"), False),
    ],
)
def test_word_to_an_agent_or_title_of_a_button_turns_no_notices_off(
    agency: Agency, text: str, state: ConversationState, means: bool | None
) -> None:
    decision = about_notices(CitizenMessage("c", Channel.WHATSAPP, "1", text, 3), state, agency)
    assert (decision.change.notices if decision else None) is means


@pytest.mark.parametrize(
    ("step", "ago_ms", "means"),
    [(Step.WHAT, 0, None), (Step.WHAT, 2 * FORGOTTEN_AFTER_MS, False), (Step.PHOTOS, 0, False)],
)
def test_only_an_open_complaint_takes_the_words_as_its_answer(
    agency: Agency, step: Step, ago_ms: int, means: bool | None
) -> None:
    async def never(_of: object) -> bool:
        raise AssertionError

    complaints = ComplaintDialogue(agency, Filing(agency, ServiceHours(agency), never, never))
    state = replace(NEW, complaint=Form(step, now_ms() - ago_ms).to_json())
    decision = about_notices(CitizenMessage("c", Channel.WHATSAPP, "1", "dar de baja", 3), state, agency, complaints)
    assert (decision.change.notices if decision else None) is means
