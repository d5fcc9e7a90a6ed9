"""Tests what who asks for the source of an answer reads: «¿de dónde sacas eso?»."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions.replies.answers import FaqReplies, provenance
from actions.replies.asides import asides
from actions.replies.beside import with_rest
from actions.replies.buttons import whole
from actions.replies.source import AskedSource
from bot.agency.model import Agency
from bot.core.payload import Payload
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
)

ENTRY = FakeEntry()
BEFORE = (said(Payload("Avisa.", provenance=provenance(ENTRY, 0.9)).to_data()),)


def source(agency: Agency, entry: FakeEntry = ENTRY) -> AskedSource:
    answerer = FakeAnswerer(FakeDecision("scope"), (entry,))
    return AskedSource(FakeFaq(answerer), FaqReplies(agency), lambda: TODAY)


@pytest.mark.parametrize(
    "words",
    [
        "¿y de dónde sacas esa información?",
        "oye, ¿es oficial?",
        "me mandas el link porfa",
        "¿pero seguro?",
        "¿estás seguro?",
        "y está actualizado?",
    ],
)
async def test_who_asks_for_the_source_reads_that_of_the_answer_above(agency: Agency, words: str) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("scope"), (ENTRY,)))
    [reply] = (await action.before_rasa(heard(words, before=BEFORE))).said
    told = agency.say(
        "fuente_de_arriba", pregunta=ENTRY.question, responsable=ENTRY.responsible, revisado="1 de octubre de 2026"
    )
    assert (reply.text, reply.source, reply.provenance) == (told, ENTRY.source, provenance(ENTRY, 1.0))


@pytest.mark.parametrize("words", ["¿seguro?", "¿de dónde sacas eso?"])
def test_source_of_an_answer_with_an_offer_beside_it_is_that_of_the_answer(agency: Agency, words: str) -> None:
    decision = FakeDecision("answer", (), ENTRY, beside=candidates("poda")[0])
    answer = Payload("Avisa.", provenance=provenance(ENTRY, 0.9))
    answers = with_rest(agency, (answer,), decision, FaqReplies(agency).refer)
    [named] = source(agency).about(heard(words, before=tuple(said(one.to_data()) for one in answers)))
    assert named.source == ENTRY.source


@pytest.mark.parametrize(
    "words", ["¿de dónde saco la patente?", "el link no funciona", "¿dónde lo leo para la TNE?", "link"]
)
def test_source_is_named_only_to_who_asks_only_for_it_after_an_answer(agency: Agency, words: str) -> None:
    assert source(agency).about(heard(words, before=() if words == "link" else BEFORE)) == ()


@pytest.mark.parametrize(
    "words",
    ["es verdad, gracias", "en serio, gracias", "de verdad gracias", "ya, es cierto", "sí, es así", "eso es verdad"],
)
def test_who_agrees_with_the_answer_asks_for_no_source(agency: Agency, words: str) -> None:
    assert source(agency).about(heard(words, before=BEFORE)) == ()


@pytest.mark.parametrize("after", [said({}), said(Payload("¿Cuál?", candidates=candidates("poda")).to_data())])
def test_source_of_an_answer_is_not_named_for_a_later_reply(agency: Agency, after: dict[str, Any]) -> None:
    before = (*BEFORE, {"event": "user", "text": "divorcio"}, after)
    assert source(agency).about(heard("¿de dónde sacas eso?", before=before)) == ()


def test_source_of_an_answer_is_not_named_for_a_referral_below_it(agency: Agency) -> None:
    elsewhere = Payload("Es del juzgado.", buttons=(whole("poda", "Poda"),), referral="divorcio")
    before = (*BEFORE, said(elsewhere.to_data()))
    assert source(agency).about(heard("¿de dónde sacas eso?", before=before)) == ()


def test_source_is_not_named_for_what_an_agent_wrote(agency: Agency) -> None:
    assert source(agency).about(heard("la fuente", before=BEFORE, resumed=ENTRY.id)) == ()


def test_expired_answer_names_no_source(agency: Agency) -> None:
    assert source(agency, replace(ENTRY, expires=date(2020, 1, 1))).about(heard("la fuente", before=BEFORE)) == ()


def test_doubt_about_an_offer_and_request_for_a_source_are_asides(agency: Agency) -> None:
    said_beside = asides(FakeFaq(FakeAnswerer(FakeDecision("scope"), (ENTRY,))), FaqReplies(agency), lambda: TODAY)
    offer = (said(Payload("¿Cuál?", candidates=candidates("bache")).to_data()),)
    [doubt], [named] = (
        said_beside.about(heard("no sé", before=offer)),
        said_beside.about(heard("link", before=BEFORE)),
    )
    assert (doubt.candidates, named.source) == (candidates("bache"), ENTRY.source)
    assert said_beside.about(heard("no sé", before=BEFORE)) == ()
