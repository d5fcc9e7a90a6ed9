"""Tests what who does not know whether an offered entry is the right one reads: «mmm no sé», «puede ser»."""

from __future__ import annotations

from typing import Any

import pytest

from actions.choice import Deny, UnlessAside
from actions.replies.answers import FaqReplies
from actions.replies.unsure import Unsure
from bot.agency.model import Agency
from bot.core.payload import KEY, Payload
from bot.faq.entries.passages import first_sentence
from tests.home import ROOT
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    answering_faq,
    candidates,
    heard,
    said,
    turn,
)

LICENCE = FakeEntry(
    "licencia",
    "¿Cómo renuevo mi licencia?",
    body="Se renueva en **Tránsito**, donde vives. Pide hora en la oficina o en la página.\n\nEs gratis.",
)
PRUNING = FakeEntry("poda", "¿Cómo pido la poda?", body="Pide la poda si el árbol:\n\n- toca los cables")


USER = {"event": "user", "text": "no sé"}


def offer(*ids: str) -> dict[str, Any]:
    return said(Payload("¿Cuál?", candidates=candidates(*ids)).to_data())


@pytest.fixture
def answerer() -> FakeAnswerer:
    return FakeAnswerer(FakeDecision("handoff"), (LICENCE, PRUNING))


@pytest.fixture
def deny(agency: Agency, answerer: FakeAnswerer) -> UnlessAside:
    return UnlessAside(Deny("atencion"), Unsure(FakeFaq(answerer), FaqReplies(agency), lambda: TODAY))


async def test_doubt_about_the_only_choice_gets_its_description(deny: UnlessAside, agency: Agency) -> None:
    [message] = await turn(deny, heard("mmm no sé", before=(offer("licencia"),)))
    line = "- **¿Cómo hago licencia?** Se renueva en Tránsito, donde vives."
    assert message["text"] == f"{agency.say('duda_una')}\n\n{line}\n\n{agency.say('duda_sigue')}"
    assert [one["payload"] for one in message["buttons"]] == ['/choose_entry{"entry": "licencia"}', "/ask_human"]
    assert message["quotes"] == ["licencia"]
    assert "handoff" not in message and [one["entry"] for one in message["candidates"]] == ["licencia"]


async def test_doubt_about_several_choices_gets_a_description_of_each(deny: UnlessAside, agency: Agency) -> None:
    [message] = await turn(deny, heard("no entiendo", before=(offer("licencia", "poda", "borrada"),)))
    assert message["text"].splitlines()[2:5] == [
        "- **¿Cómo hago licencia?** Se renueva en Tránsito, donde vives.",
        "- **¿Cómo hago poda?** Pide la poda si el árbol",
        "- **¿Cómo hago borrada?**",
    ]
    assert len(message["buttons"]) == 4 and message["text"].startswith(agency.say("duda_varias"))


async def test_who_doubts_after_the_descriptions_is_asked_what_they_want_to_do(
    deny: UnlessAside, agency: Agency
) -> None:
    [first] = await turn(deny, heard("no sé", before=(offer("licencia"),)))
    [message] = await turn(deny, heard("¿pero seguro?", before=(offer("licencia"), USER, said({KEY: first}))))
    assert message["text"].startswith(agency.say("duda_otra_vez"))
    assert [one["payload"] for one in message["buttons"]] == ['/choose_entry{"entry": "licencia"}', "/ask_human"]


async def test_doubt_after_an_offer_that_was_only_repeated_gets_the_descriptions(
    deny: UnlessAside, agency: Agency
) -> None:
    [message] = await turn(deny, heard("no sé", before=(offer("licencia"), USER, offer("licencia"))))
    assert message["text"].startswith(agency.say("duda_una"))


async def test_doubt_without_an_offer_is_small_talk(deny: UnlessAside) -> None:
    assert await turn(deny, heard("no sé")) == [{"response": "utter_deny"}]


async def test_doubt_is_decided_before_rasa(agency: Agency, answerer: FakeAnswerer) -> None:
    action = answering_faq(FaqReplies(agency), answerer)
    found = await action.before_rasa(heard("puede ser", before=(offer("licencia"),)))
    assert [one.candidates for one in found.said] == [candidates("licencia")]


def test_first_sentence_is_plain_and_empty_without_an_answer() -> None:
    assert (
        first_sentence("Pide **hora** en [la página](https://a.cl) hoy. Es gratis para todas las personas."),
        first_sentence(""),
    ) == (
        "Pide hora en la página hoy.",
        "",
    )


def test_first_sentence_is_not_the_condolence_of_the_demo() -> None:
    *_, body = (ROOT / "data/faq/registro-civil/cert-defuncion.md").read_text(encoding="utf-8").split("---\n", 2)
    assert first_sentence(body).startswith("El certificado lo entrega")


async def test_answer_of_an_expired_choice_is_not_quoted(deny: UnlessAside, answerer: FakeAnswerer) -> None:
    answerer.choice = FakeDecision("handoff", entry=LICENCE)
    [message] = await turn(deny, heard("mmm no sé", before=(offer("licencia"),)))
    assert "- **¿Cómo hago licencia?**\n" in message["text"]
