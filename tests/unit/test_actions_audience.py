"""Tests asking for the citizen's audience, remembering it, and answering the question that waited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions.answer_faq import AnswerFaq, ChooseEntry, SetAudience, UnlessAttribute
from actions.choice import Affirm, Deny
from actions.context import context_of
from actions.history import asked_about
from actions.replies.answers import FaqReplies
from actions.replies.audience import question, statement
from actions.routing import Routed
from actions.tracker import read_events
from actions.user_attributes import UserAttribute, known, newest
from bot.agency.model import Agency
from bot.agency.segments import Segment
from bot.core.messages import Button, Candidate
from bot.core.payload import Payload
from tests.rows import each_row
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeAsk,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    answering_faq,
    candidates,
    heard,
    said,
    turn,
)

ASKING = FakeDecision("clarify", candidates("poda", "bache"), asks=FakeAsk())
PUBLICS = {"segmento": Segment("¿Cuál es tu caso?", {"adulto-mayor": "Tengo 60 años o más"})}


BUTTONS = (
    Button("Tengo 60 años o más", statement("segmento", "adulto-mayor", "bache")),
    Button("Soy estudiante", statement("segmento", "estudiante", "bache")),
    Button("Prefiero no decir", statement("segmento", "", "bache")),
)
WAITING = said(Payload("¿Cuál es tu caso?", BUTTONS, asks=candidates("bache")[0]).to_data())
WAITING_FOR_ONE = said(Payload("¿Eres estudiante?", BUTTONS[1:], asks=candidates("bache")[0]).to_data())


@pytest.fixture
def asking(agency: Agency) -> FaqReplies:
    return FaqReplies(replace(agency, segments=PUBLICS))


def entities(**carried: str) -> tuple[dict[str, Any], ...]:
    return tuple({"entity": name, "value": value} for name, value in carried.items())


def click(value: str, dimension: str = "segmento") -> dict[str, Any]:
    """Builds the event of an earlier click that stated the audience."""
    carried = list(entities(dimension=dimension, value=value, entry="bache"))
    return {"event": "user", "text": "/tell_audience", "parse_data": {"entities": carried}}


def answering(replies: FaqReplies, decision: FakeDecision) -> AnswerFaq:
    return answering_faq(replies, FakeAnswerer(decision))


async def test_audience_is_asked_with_the_agencys_texts(asking: FaqReplies) -> None:
    [message] = await turn(answering(asking, ASKING), heard("un hoyo"))
    assert message["text"] == "¿Cuál es tu caso?"
    assert message["buttons"] == [
        {
            "title": "Tengo 60 años o más",
            "payload": '/tell_audience{"dimension": "segmento", "value": "adulto-mayor", "entry": "bache"}',
        },
        {
            "title": "Estudiante",
            "payload": '/tell_audience{"dimension": "segmento", "value": "estudiante", "entry": "bache"}',
        },
        {
            "title": "Prefiero no decir",
            "payload": '/tell_audience{"dimension": "segmento", "value": "", "entry": "bache"}',
        },
    ]


def test_unlisted_dimension_is_still_asked(agency: Agency) -> None:
    asked = question(agency, FakeAsk(dimension="edad", options=("60_o-mas",)), ())
    assert asked.text == agency.say("cual_es_tu_caso")
    assert [button.title for button in asked.buttons] == ["60 o mas", "Prefiero no decir"]
    assert asked.asks == Candidate("bache", "", 1.0)


async def test_second_question_of_the_message_is_answered_before_asking(asking: FaqReplies) -> None:
    other = FakeEntry("poda", body="Pide la poda.")
    messages = await turn(answering(asking, replace(ASKING, also=other)), heard("un hoyo y una rama"))
    assert [message["text"] for message in messages] == ["Pide la poda.", "¿Cuál es tu caso?"]
    expired = replace(other, expires=date(2020, 1, 1))
    [message] = await turn(answering(asking, replace(ASKING, also=expired)), heard("un hoyo y una rama"))
    assert message["text"] == "¿Cuál es tu caso?"


async def test_waiting_question_is_answered_with_its_confidence_for_that_audience(asking: FaqReplies) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    action = SetAudience(FakeFaq(answerer), asking, lambda: TODAY)
    carried = entities(dimension="segmento", value="adulto-mayor", entry="bache")
    [message] = await turn(action, heard("/tell_audience", entities=carried, before=(WAITING,)))
    assert (message["text"], message["provenance"]["confidence"]) == (FakeEntry().body, 0.4)
    assert answerer.context and answerer.context.audience["segmento"] == "adulto-mayor"
    [message] = await turn(action, heard("/tell_audience", entities=carried))
    assert message["provenance"]["confidence"] == 1.0


@pytest.mark.parametrize("decision", [FakeDecision("handoff", candidates("bache")), replace(ASKING)])
async def test_missing_variant_leads_to_a_person_or_the_next_question(
    asking: FaqReplies, decision: FakeDecision
) -> None:
    action = SetAudience(FakeFaq(FakeAnswerer(decision, choice=decision)), asking, lambda: TODAY)
    carried = entities(dimension="edad", value="", entry="bache")
    [message] = await turn(action, heard("/tell_audience", entities=carried, before=(WAITING,)))
    if decision.asks:
        assert message["asks"]["entry"] == "bache"
    else:
        assert message["text"] == asking.agency.say("sin_tu_caso")
        assert message["handoff"]["reason"] == "low_confidence"


@pytest.mark.parametrize("made", [SetAudience, ChooseEntry])
async def test_entry_deleted_meanwhile_gives_a_notice(asking: FaqReplies, made: Callable[..., ChooseEntry]) -> None:
    action = made(FakeFaq(FakeAnswerer(FakeDecision("handoff"))), asking, lambda: TODAY)
    carried = entities(dimension="segmento", value="", entry="borrada")
    assert await turn(action, heard("/...", entities=carried)) == [{"text": asking.agency.say("opcion_vencida")}]


async def test_choice_and_yes_ask_too(asking: FaqReplies) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"), choice=ASKING)
    choose = ChooseEntry(FakeFaq(answerer), asking, lambda: TODAY)
    [clicked] = await turn(choose, heard("/choose_entry", entities=entities(entry="bache")))
    offer = said(Payload("¿Cuál?", candidates=candidates("bache")).to_data())
    [agreed] = await turn(Affirm(FakeFaq(answerer), asking, lambda: TODAY), heard("sí", before=(offer,)))
    assert clicked["text"] == agreed["text"] == "¿Cuál es tu caso?"
    assert answerer.context and answerer.context.audience["comuna"] == asking.agency.comuna


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ((), {}),
        ((click("estudiante"),), {"segmento": "estudiante"}),
        ((click("estudiante"), {"event": "user"}, click("adulto-mayor")), {"segmento": "adulto-mayor"}),
        ((click(""),), {"segmento": ""}),
        ((click("estudiante"), click("otra", "comuna")), {"segmento": "estudiante", "comuna": "otra"}),
        ((click("estudiante"), {"event": "session_started"}), {}),
    ],
)
def test_answer_is_remembered_for_the_rest_of_the_session(
    agency: Agency, before: tuple[dict[str, Any], ...], expected: dict[str, str]
) -> None:
    tracker = heard("¿y cuánto cuesta?", before=before)
    assert known(read_events(tracker.events)) == expected
    assert context_of(tracker, agency).audience == {"comuna": agency.comuna, "canal": "web"} | expected


async def test_stated_audience_is_sent_to_the_bot_once(agency: Agency) -> None:
    answerer = FakeAnswerer(FakeDecision("answer"), choice=FakeDecision("answer", entry=FakeEntry()))
    statement = Routed(SetAudience(FakeFaq(answerer), FaqReplies(agency), lambda: TODAY), agency)
    carried = entities(dimension="segmento", value="estudiante", entry="bache")
    [clicked] = await turn(statement, heard("/tell_audience", entities=carried))
    assert clicked["known"] == {"segmento": "estudiante"}
    [refused] = await turn(statement, heard("/tell_audience", entities=carried[:1] + entities(value="", entry="bache")))
    assert "known" not in refused


def test_entry_that_asks_for_the_audience_waits_for_the_next_message_only() -> None:
    assert asked_about(read_events(heard("...", before=(WAITING,)).events)) == candidates("bache")[0]
    assert asked_about(read_events(heard("...", before=(WAITING, {"event": "user"})).events)) is None


@each_row(
    ("waiting", "text", "intent", "value"),
    [
        (WAITING, "estudiante", "ask_other", "estudiante"),
        (WAITING, "Soy adulto mayor po", "ask_faq", "adulto-mayor"),
        (WAITING, "tengo 60 años o más", "nlu_fallback", "adulto-mayor"),
        (WAITING, "no", "deny", ""),
        (WAITING_FOR_ONE, "sí", "affirm", "estudiante"),
        (WAITING, "sí", "affirm", None),
        (WAITING, "no soy estudiante", "ask_other", None),
        (WAITING, "estudiante o adulto mayor", "ask_other", None),
        (WAITING, "¿dónde pido la beca de estudiante de este año?", "ask_faq", None),
        (WAITING, "estudiantes", "ask_other", None),
        (said(Payload("Así.", BUTTONS).to_data()), "estudiante", "ask_other", None),
    ],
)
def test_audience_may_be_stated_in_a_few_words(
    waiting: dict[str, Any], text: str, intent: str, value: str | None
) -> None:
    user = {"event": "user", "text": text, "parse_data": {"intent": {"name": intent}, "entities": []}}
    expected = None if value is None else UserAttribute("segmento", value, "bache")
    assert newest(read_events([{"event": "user"}, waiting, user])) == expected
    assert newest(read_events([{"event": "user"}, waiting, {"event": "user", "text": "hola"}, user])) is None
    later = {"event": "user", "text": "¿y cuánto cuesta?"}
    is_question = bool(known(read_events([waiting])))
    assert known(read_events([waiting, user, later])) == ({"segmento": value or ""} if is_question else {})


def test_unanswered_dimension_counts_as_undeclared_until_the_session_ends() -> None:
    ignored = {"event": "user", "text": "¿dónde pago el permiso de circulación?"}
    assert known(read_events([WAITING, ignored, ignored])) == {"segmento": ""}
    assert known(read_events([WAITING, ignored, click("estudiante")])) == {"segmento": "estudiante"}
    assert known(read_events([WAITING, ignored, {"event": "session_started"}])) == {}


@pytest.mark.parametrize("kind", ["handoff", "scope"])
async def test_few_words_that_match_no_option_get_the_waiting_answer(asking: FaqReplies, kind: str) -> None:
    action = answering(asking, FakeDecision(kind, candidates("poda")))
    [message] = await turn(action, heard("soy dueña de casa", before=(WAITING,)))
    assert (message["text"], message["provenance"]["confidence"]) == (FakeEntry().body, 0.4)
    [message] = await turn(action, heard("quisiera saber a qué hora parte el último tren", before=(WAITING,)))
    assert message.get("missed") or message["handoff"]["reason"] == "low_confidence"


async def test_undeclared_citizen_gets_every_variant_when_none_is_general(asking: FaqReplies) -> None:
    old, young = (FakeEntry(body=body, audience={"segmento": (body,)}) for body in ("adulto-mayor", "menor_de-edad"))
    decision = FakeDecision("answer", candidates("bache"), variants=(old, young))
    both = [
        await turn(answering(asking, decision), heard("un hoyo")),
        await turn(
            SetAudience(FakeFaq(FakeAnswerer(decision, choice=decision)), asking, lambda: TODAY),
            heard("/tell_audience", entities=entities(dimension="segmento", value="", entry="bache")),
        ),
    ]
    for messages in both:
        assert [message["text"] for message in messages] == [
            "**Tengo 60 años o más**\n\nadulto-mayor",
            "**Menor de edad**\n\nmenor_de-edad",
        ]
        assert all(message["provenance"]["entry"] == "bache" for message in messages)


async def test_second_question_is_answered_too_where_either_has_an_answer_for_each_audience(
    asking: FaqReplies,
) -> None:
    old, young = (FakeEntry(body=body, audience={"segmento": (body,)}) for body in ("adulto-mayor", "menor_de-edad"))
    other = FakeEntry("poda", "¿Cómo pido la poda?", body="Pide la poda.")
    answers = candidates("bache", "poda")
    first = await turn(
        answering(asking, FakeDecision("answer", answers, variants=(old, young), also=other)), heard("un hoyo y...")
    )
    assert [message["text"] for message in first] == [
        "Me preguntaste dos cosas.\n\n**1. ¿Cómo aviso de un hoyo?**\n\n**Tengo 60 años o más**\n\nadulto-mayor",
        "**Menor de edad**\n\nmenor_de-edad",
        "**2. ¿Cómo pido la poda?**\n\nPide la poda.",
    ]
    second = await turn(
        answering(asking, FakeDecision("answer", answers, other, also_variants=(old, young))), heard("una rama y...")
    )
    assert [message["provenance"]["entry"] for message in second] == ["poda", "bache", "bache"]
    unfit = FakeDecision("handoff", answers, also_variants=(old, young))
    messages = await turn(answering(asking, unfit), heard("un hoyo y..."))
    assert ["handoff" in message for message in messages] == [False, False, True]


async def test_no_to_that_question_does_not_refuse_the_choices(asking: FaqReplies) -> None:
    tells = SetAudience(FakeFaq(FakeAnswerer(FakeDecision("handoff"))), asking, lambda: TODAY)
    action = UnlessAttribute(Deny("atencion"), tells)
    no = heard("no", intent="deny", before=(WAITING,))
    assert [message["text"] for message in await turn(action, no)] == [FakeEntry().body]
    assert await turn(action, heard("no", intent="deny")) == [{"response": "utter_deny"}]
