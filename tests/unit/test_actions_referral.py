"""Tests referrals of out-of-scope topics: names the responsible body, and never counts as an answer."""

from __future__ import annotations

from typing import Any

import pytest

from actions.replies.answers import FaqReplies
from bot.agency.model import Agency
from bot.channels.formatting.html import markdown_html
from bot.text.markdown import literal
from tests.unit.actions_fakes import (
    FakeAnswerer,
    FakeDecision,
    FakeMatter,
    answering_faq,
    candidates,
    heard,
    turn,
)

PERSON = [{"title": "Hablar con alguien", "payload": "/ask_human"}]


async def said(agency: Agency, kind: str, out_of_scope_topic: FakeMatter) -> dict[str, Any]:
    action = answering_faq(
        FaqReplies(agency), FakeAnswerer(FakeDecision(kind, candidates("bache"), out_of_scope_topic=out_of_scope_topic))
    )
    [message] = await turn(action, heard("..."))
    return message


async def test_referral_names_the_other_body_and_its_page_and_offers_a_person(agency: Agency) -> None:
    assert await said(agency, "refer", FakeMatter()) == {
        "text": "Eso no lo ve la municipalidad. Hasta donde sé, lo ve **Tribunales de Familia**: Divorcio."
        " Su página: [www.pjud.cl](https://www.pjud.cl/).",
        "buttons": PERSON,
        "referral": "divorcio",
    }


async def test_referral_without_a_page_names_none(agency: Agency) -> None:
    message = await said(agency, "refer", FakeMatter(url=""))
    assert message["text"].endswith("lo ve **Tribunales de Familia**: Divorcio.")
    assert message["buttons"] == PERSON


@pytest.mark.parametrize("url", ["", "https://www.afp.example/"])
async def test_private_topic_is_answered_with_no_public_body_responsible(agency: Agency, url: str) -> None:
    message = await said(agency, "refer", FakeMatter("afp", "Cambio de AFP", "privado", "AFP", url))
    assert "ni otro servicio público. Hasta donde sé, corresponde a **AFP**: Cambio de AFP." in message["text"]
    assert ("www.afp.example" in message["text"]) == bool(url)
    assert (message["referral"], message["buttons"]) == ("afp", PERSON)


async def test_another_office_of_the_agency_is_named_and_a_handoff_follows(agency: Agency) -> None:
    message = await said(agency, "handoff", FakeMatter(scope="municipal", body="Deportes"))
    assert message["text"] == agency.say("otra_oficina", organismo="Deportes")
    assert message["handoff"]["reason"] == "low_confidence"
    assert [one["entry"] for one in message["handoff"]["candidates"]] == ["bache"]


@pytest.mark.parametrize("kind", ["refer", "handoff"])
async def test_topic_without_a_known_owner_goes_to_a_person(agency: Agency, kind: str) -> None:
    message = await said(agency, kind, FakeMatter(body=""))
    assert (message["text"], message["handoff"]["reason"]) == (agency.say("no_se"), "low_confidence")


@pytest.mark.parametrize("kind", ["refer", "handoff"])
@pytest.mark.parametrize(("group", "shown"), [("suicidio", "suicidio"), ("olvidado", "general")])
async def test_danger_gets_its_number_and_the_head_of_the_queue(
    agency: Agency, kind: str, group: str, shown: str
) -> None:
    message = await said(agency, kind, FakeMatter(emergency=group))
    assert message["text"] == agency.emergencies[shown]
    assert (message["handoff"]["reason"], message["handoff"]["priority"]) == ("emergency", "emergency")
    assert "referral" not in message


def test_spreadsheet_characters_are_no_markdown() -> None:
    written = "Denuncia Seguro (*4242) [x](y) <b> _c_ `d`"
    assert markdown_html(literal(written)) == (
        '<p>Denuncia Seguro (<a href="tel:*4242">*4242</a>) [x](y) &lt;b&gt; _c_ `d`</p>'
    )
