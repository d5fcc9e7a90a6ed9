"""Tests the context that the answerer gets: the previous entry, the citizen's facts and the channel."""

from __future__ import annotations

from typing import Any

import pytest

from actions.context import context_of
from actions.history import entry_beside, previous_entry
from actions.replies.answers import FaqReplies, provenance
from actions.tracker import read_events
from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason
from bot.core.payload import Payload
from bot.faq.answering.context import Context
from tests.rows import each_row
from tests.unit.actions_fakes import (
    FakeAnswerer,
    FakeDecision,
    FakeEntry,
    answering_faq,
    heard,
    said,
    turn,
)

USER = {"event": "user", "text": "..."}
PLAIN = {"event": "bot", "text": "¡Hola!", "data": {"custom": None}}
SESSION = {"event": "session_started"}
REWIND = {"event": "rewind"}
ASKED_FOR_PERSON = said(Payload(handoff=Handoff(HandoffReason.ASKED_HUMAN)).to_data())
NOT_KNOWN = said(Payload(handoff=Handoff(HandoffReason.LOW_CONFIDENCE)).to_data())


def answered(id: str) -> dict[str, Any]:
    return said(Payload("Así.", provenance=provenance(FakeEntry(id), 0.9)).to_data())


def back_from(entry: str) -> dict[str, Any]:
    """Builds the first message after an agent, whose last entry was ``entry`` ('' for none)."""
    return USER | {"metadata": {"resumed": entry}}


@each_row(
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
        ((USER, answered("bache"), USER, ASKED_FOR_PERSON), "bache"),
        ((USER, answered("bache"), USER, NOT_KNOWN), None),
        ((USER, answered("bache"), USER, ASKED_FOR_PERSON, USER, NOT_KNOWN), None),
        ((USER, NOT_KNOWN, USER, answered("bache")), "bache"),
        ((USER, answered("bache"), back_from("poda"), PLAIN), "poda"),
        ((USER, answered("bache"), back_from("poda"), ASKED_FOR_PERSON), "poda"),
        ((USER, answered("bache"), back_from("poda"), NOT_KNOWN), None),
        ((USER, answered("bache"), back_from(""), PLAIN), None),
        ((back_from("poda"), answered("bache")), "bache"),
        ((back_from("poda"), PLAIN, USER, PLAIN, USER, PLAIN, USER, PLAIN), None),
    ],
)
def test_previous_entry_is_remembered_for_a_while(before: tuple[dict[str, Any], ...], entry: str) -> None:
    assert previous_entry(read_events(heard("¿y cuánto cuesta?", before=before).events)) == entry


@each_row(
    ("before", "entry"),
    [
        ((), None),
        ((USER, answered("bache")), None),
        ((USER, answered("bache"), answered("poda")), "bache"),
        ((USER, answered("bache"), answered("poda"), USER, PLAIN), "bache"),
        ((USER, answered("bache"), answered("bache")), None),
        ((USER, answered("bache"), USER, answered("poda")), None),
        ((USER, answered("bache"), answered("poda"), NOT_KNOWN), None),
        ((USER, answered("bache"), answered("poda"), back_from("aseo"), PLAIN), None),
    ],
)
def test_entry_of_the_first_of_two_questions_is_remembered_too(before: tuple[dict[str, Any], ...], entry: str) -> None:
    assert entry_beside(read_events(heard("¿y cuánto cuesta?", before=before).events)) == entry


def test_context_has_the_entries_of_both_questions(agency: Agency) -> None:
    context = context_of(heard("¿y cuánto cuesta?", before=(USER, answered("bache"), answered("poda"))), agency)
    assert (context.previous, context.other) == ("poda", "bache")


@pytest.mark.parametrize(("resumed", "entry"), [("poda", "poda"), ("", None), (None, "bache")])
def test_entry_of_an_agent_since_then_has_precedence(agency: Agency, resumed: str | None, entry: str | None) -> None:
    tracker = heard("¿y cuánto cuesta?", before=(USER, answered("bache")), resumed=resumed)
    assert context_of(tracker, agency).previous == entry


def test_other_bot_events_are_no_answer() -> None:
    strange = ({"event": "bot", "data": None}, {"event": "bot", "data": {"custom": {"other": 1}}}, {"event": "slot"})
    assert previous_entry(read_events(heard("hola", before=strange).events)) is None
    assert previous_entry(read_events([])) is None


@pytest.mark.parametrize(("channel", "audience"), [("whatsapp", {"canal": "whatsapp"}), ("", {})])
async def test_answerer_gets_the_previous_entry_and_the_citizens_facts(
    agency: Agency, channel: str, audience: dict[str, str]
) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    action = answering_faq(FaqReplies(agency), answerer)
    await turn(action, heard("¿y cuánto cuesta?", before=(USER, answered("bache")), channel=channel))
    assert answerer.context == Context("bache", {"comuna": agency.comuna, **audience}, question=USER["text"])


async def test_commune_of_a_shared_location_precedes_the_agencys(agency: Agency) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    action = answering_faq(FaqReplies(agency), answerer)
    await turn(action, heard("¿cuándo pasa la basura?", comuna="otra-comuna"))
    assert answerer.context.audience["comuna"] == "otra-comuna"


def test_denied_danger_is_part_of_the_context(agency: Agency) -> None:
    tracker = heard("¿y cuánto cuesta?")
    assert not context_of(tracker, agency).calm
    tracker.latest_message["metadata"] = {"calm": True}
    assert context_of(tracker, agency).calm
