"""What the answerer is told of the conversation: the entry answered last, and who asks on which channel."""

from __future__ import annotations

from typing import Any

import pytest

from actions.answer_faq import AnswerFaq
from actions.context import context_of
from actions.faq_replies import FaqReplies, provenance
from actions.history import previous_entry
from actions.miss import out_of_scope
from actions.payload import Payload
from bot.agency import Agency
from bot.faq.context import Context
from bot.messages import Handoff, HandoffReason
from tests.unit.actions_fakes import TODAY, FakeAnswerer, FakeDecision, FakeEntry, FakeFaq, heard, said, turn

USER = {"event": "user", "text": "..."}
PLAIN = {"event": "bot", "text": "¡Hola!", "data": {"custom": None}}
SESSION = {"event": "session_started"}
REWIND = {"event": "rewind"}
HANDED_OFF = said(Payload(handoff=Handoff(HandoffReason.ASKED_HUMAN)).to_message())


def answered(id: str) -> dict[str, Any]:
    return said(Payload("Así.", provenance=provenance(FakeEntry(id), 0.9)).to_message())


@pytest.mark.parametrize(
    ("before", "entry"),
    [
        ((), None),
        ((USER, answered("bache")), "bache"),
        ((USER, answered("bache"), USER, PLAIN), "bache"),
        ((USER, answered("bache"), USER, PLAIN, USER, PLAIN), "bache"),
        ((USER, answered("bache"), USER, PLAIN, USER, PLAIN, USER, PLAIN), None),
        ((USER, answered("bache"), USER, answered("poda")), "poda"),
        ((USER, answered("bache"), answered("poda")), "poda"),
        ((USER, answered("bache"), SESSION, USER, PLAIN), None),
        ((USER, answered("bache"), REWIND), None),
        ((USER, answered("bache"), USER, answered("poda"), REWIND), "bache"),
        ((REWIND, REWIND, USER, answered("bache")), "bache"),
        ((USER, answered("bache"), USER, HANDED_OFF), None),
        ((USER, HANDED_OFF, USER, answered("bache")), "bache"),
    ],
)
def test_the_entry_answered_last_is_remembered_for_a_while(before: tuple[dict[str, Any], ...], entry: str) -> None:
    assert previous_entry(heard("¿y cuánto cuesta?", before=before).events) == entry


@pytest.mark.parametrize(
    ("before", "entry"),
    [((USER, HANDED_OFF), "poda"), ((USER, HANDED_OFF, USER, answered("bache")), "bache"), ((), "poda")],
)
def test_what_staff_answered_last_is_gone_on_about_until_we_answer(
    agency: Agency, before: tuple[dict[str, Any], ...], entry: str
) -> None:
    tracker = heard("¿y cuánto cuesta?", before=before, resumed="poda")
    assert context_of(tracker, agency).previous == entry


def test_what_was_not_said_by_us_is_no_answer() -> None:
    strange = ({"event": "bot", "data": None}, {"event": "bot", "data": {"custom": {"other": 1}}}, {"event": "slot"})
    assert previous_entry(heard("hola", before=strange).events) is None
    assert previous_entry([]) is None


@pytest.mark.parametrize(("channel", "told"), [("whatsapp", {"canal": "whatsapp"}), ("", {})])
async def test_the_answerer_is_told_what_was_answered_and_who_asks(
    agency: Agency, channel: str, told: dict[str, str]
) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    action = AnswerFaq(FakeFaq(answerer), FaqReplies(agency), lambda: TODAY, small_talk=out_of_scope("atencion"))
    await turn(action, heard("¿y cuánto cuesta?", before=(USER, answered("bache")), channel=channel))
    assert answerer.context == Context("bache", {"comuna": agency.comuna, **told})


async def test_the_commune_of_a_shared_place_comes_before_the_agencys(agency: Agency) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    action = AnswerFaq(FakeFaq(answerer), FaqReplies(agency), lambda: TODAY, small_talk=out_of_scope("atencion"))
    await turn(action, heard("¿cuándo pasa la basura?", comuna="otra-comuna"))
    assert answerer.context.audience["comuna"] == "otra-comuna"
