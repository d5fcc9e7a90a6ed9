"""Tests what who asks for a person by name reads, who told something and asks what to do, or goes on about an offer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.commands import steps_of_commands
from actions.replies.answers import FaqReplies
from actions.replies.asides import asides
from actions.replies.only_choice import OnlyChoice
from actions.replies.other_audience import AskedForOthers
from actions.replies.source import AskedSource
from actions.replies.told import ToldBefore
from actions.replies.unsure import Unsure
from actions.replies.who import AskedWho
from bot.agency.model import Agency
from bot.core.payload import Payload
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger
from bot.faq.words.keywords import may_be_subjects
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

ASIDES = (Unsure, AskedSource, AskedWho, ToldBefore, OnlyChoice, AskedForOthers)
IDENTITY = Command("bot_identity", 0.9)
MAYOR = "como se llama el alcalde"


async def before_rasa(agency: Agency, decision: FakeDecision, words: str, missed: bool = False) -> list[Payload]:
    before = (said(Payload("De eso no sé.", missed=True).to_data()),) if missed else ()
    commands = steps_of_commands(agency)
    action = answering_faq(FaqReplies(agency), FakeAnswerer(decision), commands=commands)
    return list((await action.before_rasa(heard(words, before=before))).said)


@pytest.mark.parametrize("kind", ["handoff", "scope"])
async def test_who_asks_for_the_mayor_reads_that_it_is_not_known_and_may_ask_a_person(
    agency: Agency, kind: str
) -> None:
    [reply] = await before_rasa(agency, FakeDecision(kind, command=IDENTITY), MAYOR)
    assert (reply.text, reply.missed, reply.handoff) == (agency.say("no_se"), True, None)
    assert [one.payload for one in reply.buttons] == ["/ask_human"]


async def test_second_question_without_an_answer_goes_to_a_person(agency: Agency) -> None:
    [reply] = await before_rasa(agency, FakeDecision("handoff", command=IDENTITY), MAYOR, missed=True)
    assert reply.handoff is not None


async def test_choices_come_although_the_question_resembles_one_about_the_assistant(agency: Agency) -> None:
    [reply] = await before_rasa(agency, FakeDecision("clarify", candidates("bache"), command=IDENTITY), MAYOR)
    assert [one.entry for one in reply.candidates] == ["bache"]


async def test_answer_danger_and_question_about_the_assistant_are_left_to_the_usual_rules(agency: Agency) -> None:
    answer = FakeDecision("answer", candidates("bache"), FakeEntry())
    [reply] = await before_rasa(agency, answer, MAYOR)
    assert reply.provenance is not None
    assert not await before_rasa(agency, FakeDecision("handoff", danger=Danger("vif", 0.5, 0.5)), MAYOR)
    assert not await before_rasa(agency, FakeDecision("handoff", command=IDENTITY), "cómo te llamas")


@pytest.mark.parametrize(("kind", "found"), [("handoff", "handoff"), ("scope", "handoff"), ("clarify", "candidates")])
async def test_who_told_something_and_then_asks_what_to_do_is_heard_as_one(
    agency: Agency, kind: str, found: str
) -> None:
    answerer = FakeAnswerer(FakeDecision(kind, candidates("bache"), command=Command("capabilities", 0.9)))
    told = {"event": "user", "text": "mi perro mordió al cartero", "parse_data": {}, "metadata": {}}
    before = (told, said(Payload("Te leo.", missed=True).to_data()))
    action = answering_faq(FaqReplies(agency), answerer, commands=steps_of_commands(agency))
    [reply] = (await action.before_rasa(heard("qué tengo que hacer", before=before))).said
    assert getattr(reply, found)
    assert answerer.asked and answerer.asked[0] == "mi perro mordió al cartero qué tengo que hacer"
    assert not (await action.before_rasa(heard("qué tengo que hacer"))).said


@pytest.mark.parametrize(
    ("ids", "words", "is_taken"),
    [
        (("bache",), "¿me lo pueden mandar por correo?", True),
        (("bache",), "atienden sábado?", True),
        (("bache", "poda"), "¿me lo pueden mandar por correo?", False),
        (("bache",), "¿y la poda?", False),
        (("bache",), "¿qué puedes hacer?", False),
    ],
)
async def test_question_that_names_nothing_takes_the_only_choice(
    agency: Agency, ids: tuple[str, ...], words: str, is_taken: bool
) -> None:
    offer = said(Payload("¿Te refieres a esto?", candidates=candidates(*ids)).to_data())
    action = answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("clarify", candidates("otra"))))
    found = (await action.before_rasa(heard(words, before=(offer,)))).said
    assert bool(found and found[0].provenance) is is_taken


async def test_question_about_the_subject_of_another_entry_takes_no_choice(agency: Agency) -> None:
    offer = said(Payload("¿Te refieres a esto?", candidates=candidates("bache")).to_data())
    answerer = FakeAnswerer(FakeDecision("clarify", candidates("otra")), subjects=may_be_subjects("mis exámenes"))
    action = answering_faq(FaqReplies(agency), answerer)
    assert (await action.before_rasa(heard("¿cuánto se demora el examen?", before=(offer,)))).said == ()


async def test_danger_or_command_takes_no_choice(agency: Agency) -> None:
    offer = said(Payload("¿Te refieres a esto?", candidates=candidates("bache")).to_data())
    unsure = FakeDecision("clarify", candidates("otra"))
    thanks, person = Command("thank", 0.9), Command("ask_human", 0.9)

    async def taken(decision: FakeDecision, words: str) -> bool:
        action = answering_faq(FaqReplies(agency), FakeAnswerer(decision))
        return any(one.provenance for one in (await action.before_rasa(heard(words, before=(offer,)))).said)

    assert not await taken(replace(unsure, danger=Danger("vif", 0.5, 0.5)), "¿y cuánto cuesta?")
    assert not await taken(replace(unsure, command=thanks), "¿y cuánto cuesta?")
    assert not await taken(replace(unsure, command=person), "¿lo puede ver una persona?")
    assert await taken(replace(unsure, command=person), "¿me lo pueden mandar por correo?")
    assert await taken(replace(unsure, command=IDENTITY), "¿y para qué sirve?")


def test_doubts_about_an_offer_come_before_what_takes_it(agency: Agency) -> None:
    faq = FakeFaq(FakeAnswerer(FakeDecision("scope")))
    assert tuple(type(one) for one in asides(faq, FaqReplies(agency), lambda: TODAY).some) == ASIDES


async def test_what_is_ones_own_takes_the_only_choice_and_is_no_opinion(agency: Agency) -> None:
    offer = said(Payload("¿Te refieres a esto?", candidates=candidates("bache")).to_data())
    decision = FakeDecision("handoff", candidates("otra"), command=Command("feedback_bad", 0.9))
    action = answering_faq(FaqReplies(agency), FakeAnswerer(decision))
    [reply] = (await action.before_rasa(heard("perdi la mia", before=(offer,)))).said
    assert reply.provenance is not None and reply.provenance.entry == "bache"
