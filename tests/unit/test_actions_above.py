"""Tests when the answer above is all that there is to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.replies.above import (
    detail_above,
    instead_of_offer,
    is_above,
    lacking,
    names_nothing,
    sent_last,
    stays_above,
)
from actions.replies.answers import Asked, FaqReplies, provenance
from actions.tracker import events_of
from bot.agency.model import Agency
from bot.core.messages import Source
from bot.core.payload import Payload
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeDecision,
    FakeEntry,
    answering_faq,
    candidates,
    heard,
    said,
    turn,
)


@pytest.mark.parametrize(
    ("ids", "previous", "words", "is_one"),
    [
        (("bache",), "bache", "¿y si no tengo el papel?", True),
        (("bache", "poda"), "bache", "¿y dónde queda?", True),
        (("bache", "poda"), "bache", "¿y si no tengo el papel?", False),
        (("bache",), "poda", "¿y dónde queda?", False),
        (("bache",), None, "¿y dónde queda?", False),
    ],
)
def test_likeliest_answer_is_above_and_no_other_is_meant(
    ids: tuple[str, ...], previous: str | None, words: str, is_one: bool
) -> None:
    assert is_above(candidates(*ids), previous, words) is is_one


REGISTRY = Source("Registro Civil", "https://www.registrocivil.cl/principal")
[BACHE] = candidates("bache")


@pytest.mark.parametrize(
    ("source", "words", "key"),
    [
        (None, "¿y dónde queda?", "no_lo_dice"),
        (REGISTRY, "¿y dónde queda?", "no_lo_dice_fuente"),
        (REGISTRY, "¿y para mi mamá?", "ya_dicho"),
    ],
)
def test_who_may_know_what_an_answer_lacks_is_its_source(
    agency: Agency, source: Source | None, words: str, key: str
) -> None:
    entry = replace(FakeEntry(), source=source or FakeEntry().source, body="Avisa **aquí**.")
    said = {"fuente": REGISTRY.title, "url": REGISTRY.url} if key == "no_lo_dice_fuente" else {}
    reply = lacking(agency, BACHE, words, sent_last(FakeDecision("answer", entry=entry)))
    assert reply.text == agency.say(key, pregunta=BACHE.question, **said)
    assert [one.payload for one in reply.buttons][1:] == ["/ask_human"]


def test_sentence_that_comes_nearest_is_quoted_instead_of_saying_that_there_is_none(agency: Agency) -> None:
    entry = replace(FakeEntry(), body="Avisa aquí. Te llega un correo con el número.")
    reply = lacking(agency, BACHE, "¿me lo mandan por correo?", entry)
    said = agency.say("ya_dicho_esto", pregunta=BACHE.question)
    assert reply.text == f"{said}\n\nTe llega un correo con el número."
    assert reply.quotes == Payload.from_data(reply.to_data()).quotes == (BACHE.entry,)


async def test_follow_up_quotes_the_variant_that_the_citizen_got_and_none_that_has_expired(agency: Agency) -> None:
    general, firm = (FakeEntry(body=f"{who} no pagan en el banco.") for who in ("Las personas", "Las empresas"))
    sent = FakeDecision("answer", entry=firm, variants=())
    expired = FakeDecision("handoff", entry=replace(firm, expires=date(2026, 11, 23)))
    answer = said(Payload("Así.", provenance=provenance(firm, 0.9)).to_data())
    texts = []
    for choice in (sent, FakeDecision("answer", variants=(firm, general)), expired):
        answerer = FakeAnswerer(FakeDecision("handoff", candidates("poda")), (general,), choice=choice)
        action = answering_faq(FaqReplies(agency), answerer)
        [message] = await turn(action, heard("¿y en el banco?", before=(answer,)))
        texts.append(message["text"])
    quoted = f"{agency.say('ya_dicho_esto', pregunta=general.question)}\n\n{firm.body}"
    assert texts == [quoted, quoted, agency.say("no_se")]


@pytest.mark.parametrize(
    ("ids", "words", "is_one"),
    [
        (("bache", "poda"), "¿se puede pagar con tarjeta?", True),
        (("bache", "poda"), "¿cuánto cuesta?", True),
        (("bache", "poda"), "¿cuánto cuesta la poda?", False),
        (("horario-muni", "poda"), "¿dónde queda?", False),
        (("bache", "poda"), "algo", False),
    ],
)
def test_question_that_names_nothing_is_about_no_entry(
    agency: Agency, ids: tuple[str, ...], words: str, is_one: bool
) -> None:
    assert names_nothing(agency, candidates(*ids), words) is is_one


def test_question_about_the_subject_of_a_choice_is_offered_it(agency: Agency) -> None:
    [results] = candidates("examenes")
    results = replace(results, question="¿Cuándo están listos mis exámenes?")
    assert not names_nothing(agency, (results,), "¿cuánto se demora mi examen?")
    assert names_nothing(agency, (BACHE,), "¿cuánto se demora mi examen?")


def test_opening_hours_that_may_be_meant_stay_a_choice_below_the_reply(agency: Agency) -> None:
    offered = candidates("bache", agency.hours_entry, "poda")
    reply = instead_of_offer(agency, offered, "¿y el horario?", "bache", FakeEntry())
    assert reply is not None and reply.above
    assert reply.buttons[0].title == "¿Cómo hago horario-muni?"
    assert instead_of_offer(agency, offered, "¿y el horario de la feria?", "poda", None) is None


@pytest.mark.parametrize(
    ("reply", "words", "is_sure"),
    [
        (Payload("Eso no está.", above=True), "¿y qué tengo que hacer?", True),
        (Payload("¿Cuál?", candidates=candidates("bache")), "¿y qué tengo que hacer?", True),
        (Payload("¿Cuál?", candidates=candidates("bache")), "¿y la poda?", False),
        (Payload("Eso no está.", above=True), "¿en la notaría?", True),
        (Payload("Eso no está.", above=True), "ya, muy amable", False),
        (Payload("No sé."), "¿y qué tengo que hacer?", False),
    ],
)
def test_reply_about_the_answer_above_waits_for_no_intent_if_the_message_names_nothing(
    reply: Payload, words: str, is_sure: bool
) -> None:
    answer = said(Payload("Avisa.", provenance=provenance(FakeEntry(), 0.9)).to_data())
    assert stays_above([reply], words, events_of(heard(words, before=(answer,)))) is is_sure
    assert not (reply.candidates and stays_above([reply], words, events_of(heard(words))))


def test_detail_that_nothing_answers_is_about_the_answer_above_and_not_for_the_queue(agency: Agency) -> None:
    entry = replace(FakeEntry(), body="Se firma ante notario.\n\nEs gratis.")
    decision = FakeDecision("handoff", candidates("poda"))
    [reply] = FaqReplies(agency).for_decision(decision, TODAY, Asked("¿ante notario?", entry.id, above=entry))
    said = agency.say("ya_dicho_esto", pregunta=entry.question)
    assert (reply.text, reply.handoff, reply.above) == (f"{said}\n\nSe firma ante notario.", None, True)
    [reply] = FaqReplies(agency).for_decision(decision, TODAY, Asked("¿y en el banco?", entry.id, above=entry))
    assert (reply.text, reply.handoff) == (agency.say("ya_dicho", pregunta=entry.question), None)


@pytest.mark.parametrize(
    ("words", "has_answer"), [("con un ejecutivo", True), ("mi banco", True), ("en el banco", False)]
)
def test_request_for_a_person_and_any_other_message_is_no_detail(agency: Agency, words: str, has_answer: bool) -> None:
    assert detail_above(agency, words, FakeEntry() if has_answer else None) is None
