"""Tests yes, no and «ninguna de estas», with and without open choices."""

from __future__ import annotations

from typing import Any

import pytest

from actions.choice import Affirm, Deny, NoneOfThese
from actions.commands import not_that
from actions.history import offered
from actions.replies.answers import FaqReplies
from actions.tracker import read_events
from bot.agency.model import Agency
from bot.core.messages import Provenance
from bot.core.payload import KEY, Payload
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    candidates,
    heard,
    said,
    turn,
)


def offer(*ids: str) -> dict[str, Any]:
    return said(Payload("¿Cuál?", candidates=candidates(*ids)).to_data())


@pytest.fixture
def affirm(agency: Agency) -> Affirm:
    return Affirm(FakeFaq(FakeAnswerer(FakeDecision("handoff"))), FaqReplies(agency), lambda: TODAY)


def test_offer_applies_to_the_next_message() -> None:
    assert offered(read_events(heard("sí", before=(offer("bache"),)).events)) == candidates("bache")


def test_offer_ends_with_the_citizens_next_message() -> None:
    later = (offer("bache"), {"event": "user", "text": "otra cosa"})
    assert offered(read_events(heard("sí", before=later).events)) == ()


def test_offer_ends_with_the_session() -> None:
    assert offered(read_events(heard("sí", before=(offer("bache"), {"event": "session_started"})).events)) == ()


def test_message_without_choices_is_no_offer() -> None:
    plain = {"event": "bot", "text": "¡Hola!", "data": {"custom": None}}
    assert offered(read_events(heard("sí", before=(offer("bache"), {"event": "user"}, plain)).events)) == ()
    assert offered(read_events([])) == ()


async def test_yes_accepts_the_only_choice(affirm: Affirm) -> None:
    [message] = await turn(affirm, heard("sí", before=(offer("bache"),)))
    assert (message["text"], message["provenance"]["confidence"]) == (FakeEntry().body, 0.4)


async def test_yes_to_an_expired_choice_gives_a_notice(affirm: Affirm, agency: Agency) -> None:
    assert await turn(affirm, heard("sí", before=(offer("borrada"),))) == [{"text": agency.say("opcion_vencida")}]


async def test_yes_to_several_choices_asks_which(affirm: Affirm, agency: Agency) -> None:
    [message] = await turn(affirm, heard("sí", before=(offer("bache", "poda"),)))
    assert message["text"] == agency.say("cual_de_estas")
    assert [button["title"] for button in message["buttons"]][:2] == ["¿Cómo hago bache?", "¿Cómo hago poda?"]


async def test_yes_without_an_offer_is_small_talk(affirm: Affirm) -> None:
    assert await turn(affirm, heard("sí")) == [{"response": "utter_affirm"}]


async def test_no_refuses_the_open_choices() -> None:
    [message] = await turn(Deny("atencion"), heard("no", before=(offer("bache"),)))
    assert message["response"] == "utter_none_of_these"
    assert message["handoff"]["reason"] == "none_of_these"
    assert [candidate["entry"] for candidate in message["handoff"]["candidates"]] == ["bache"]


async def test_no_without_an_offer_is_small_talk() -> None:
    assert await turn(Deny("atencion"), heard("no")) == [{"response": "utter_deny"}]


@pytest.mark.parametrize("text", ["olvídalo", "no gracias", "no importa, gracias", "filo, déjalo así", "da lo mismo"])
async def test_citizen_who_gives_up_on_an_offer_is_not_queued(text: str) -> None:
    assert await turn(Deny("atencion"), heard(text, before=(offer("bache"),))) == [{"response": "utter_deny"}]


@pytest.mark.parametrize("text", ["no, otra cosa", "ninguna", "no", "no era eso", "no gracias, quiero otra cosa"])
async def test_rejecting_an_offer_is_not_giving_up(text: str) -> None:
    [message] = await turn(Deny("atencion"), heard(text, before=(offer("bache"),)))
    assert message["handoff"]["reason"] == "none_of_these"


def answered(entry: str) -> dict[str, Any]:
    return said(Payload("Llama al 131.", provenance=Provenance(entry, "v1", "¿?", 0.9)).to_data())


def user(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text}


ANSWERED = answered("bache")


@pytest.mark.parametrize("text", ["no era eso", "No, no es lo que busco", "no, otra cosa"])
async def test_who_says_that_an_answer_was_not_it_may_ask_again_or_get_a_person(text: str, agency: Agency) -> None:
    deny = Deny("atencion", not_that(agency))
    [message] = await turn(deny, heard(text, before=(ANSWERED,)))
    assert (message["text"], [one["payload"] for one in message["buttons"]]) == (
        agency.say("no_era_eso"),
        ["/ask_human"],
    )


async def test_who_says_so_again_after_asking_otherwise_gets_a_person_who_sees_both_entries(agency: Agency) -> None:
    deny = Deny("atencion", not_that(agency))
    [first] = await turn(deny, heard("no era eso", before=(user("el hoyo"), ANSWERED)))
    again = (user("el árbol de mi calle"), answered("poda"))
    before = (user("el hoyo"), ANSWERED, user("no era eso"), said({KEY: first}), *again)
    [message] = await turn(deny, heard("no, no es eso", before=before))
    refused = [one["entry"] for one in message["handoff"]["candidates"]]
    assert (message["response"], message["handoff"]["reason"]) == ("utter_missed_again", "none_of_these")
    assert refused == ["poda", "bache"]


async def test_who_says_so_twice_in_a_row_gets_a_person(agency: Agency) -> None:
    deny = Deny("atencion", not_that(agency))
    [first] = await turn(deny, heard("no era eso", before=(user("el hoyo"), ANSWERED)))
    before = (user("el hoyo"), ANSWERED, user("no era eso"), said({KEY: first}))
    [message] = await turn(deny, heard("no, no es eso", before=before))
    assert [one["entry"] for one in message["handoff"]["candidates"]] == ["bache"]


async def test_what_another_session_denied_is_forgotten(agency: Agency) -> None:
    deny = Deny("atencion", not_that(agency))
    [first] = await turn(deny, heard("no era eso", before=(user("el hoyo"), ANSWERED)))
    before = (user("no era eso"), said({KEY: first}), {"event": "session_started"}, user("el árbol"), answered("poda"))
    [message] = await turn(deny, heard("no era eso", before=before))
    assert (message["text"], "handoff" in message) == (agency.say("no_era_eso"), False)


@pytest.mark.parametrize("text", ["no", "no gracias", "olvídalo"])
async def test_no_after_an_answer_is_small_talk(text: str, agency: Agency) -> None:
    assert await turn(Deny("atencion", not_that(agency)), heard(text, before=(ANSWERED,))) == [
        {"response": "utter_deny"}
    ]


async def test_not_that_without_an_answer_is_small_talk(agency: Agency) -> None:
    assert await turn(Deny("atencion", not_that(agency)), heard("no era eso")) == [{"response": "utter_deny"}]


async def test_none_of_these_causes_a_handoff_even_without_an_offer() -> None:
    [message] = await turn(NoneOfThese("atencion"), heard("/none_of_these"))
    assert (message["handoff"]["reason"], message["handoff"]["team"]) == ("none_of_these", "atencion")
