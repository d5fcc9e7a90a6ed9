"""Tests what the citizen gets for each decision of the answerer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from rasa_sdk import Tracker

from actions.answer_faq import AnswerFaq, ChooseEntry
from actions.replies.answers import FaqReplies, provenance
from actions.replies.buttons import TITLE_LIMIT, shortened
from bot.agency.model import Agency
from bot.core.messages import Provenance, Source
from bot.core.payload import Payload
from bot.faq.ranking.risk import Danger
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

POSSIBLE = Danger("gas", 0.5)


def answering(agency: Agency, decision: FakeDecision, *entries: FakeEntry) -> tuple[AnswerFaq, FakeAnswerer]:
    answerer = FakeAnswerer(decision, entries or (FakeEntry(),))
    return answering_faq(FaqReplies(agency), answerer), answerer


def choosing(agency: Agency, *entries: FakeEntry) -> ChooseEntry:
    faq = FakeFaq(FakeAnswerer(FakeDecision("handoff"), entries or (FakeEntry(),)))
    return ChooseEntry(faq, FaqReplies(agency), lambda: TODAY)


async def test_answerer_receives_the_citizens_message_and_the_day(agency: Agency) -> None:
    action, answerer = answering(agency, FakeDecision("handoff"))
    await turn(action, heard("hay un oyo en mi kalle"))
    assert answerer.asked == ("hay un oyo en mi kalle", TODAY)


async def test_answer_about_the_hours_begins_with_whether_it_is_open_now(agency: Agency) -> None:
    hours = FakeEntry(id="horario-muni", body="De lunes a viernes.")
    decision = FakeDecision("answer", candidates("horario-muni"), hours)
    monday = datetime(2026, 11, 23, 14, tzinfo=UTC)  # 11:00 in Santiago
    replies = FaqReplies(replace(agency, hours_entry="horario-muni"), lambda: monday)
    (reply,) = await turn(answering_faq(replies, FakeAnswerer(decision)), heard("¿están atendiendo?"))
    assert reply["text"] == "**Abierto, cierra a las 14:00.**\n\nDe lunes a viernes."


async def test_answer_carries_its_text_source_and_provenance(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", candidates("bache"), FakeEntry()))
    assert await turn(action, heard("un hoyo")) == [
        {
            "text": "Avisa **aquí**.\n\nEs gratis.",
            "source": {"title": "Municipalidad", "url": "https://losaromos.example/baches"},
            "provenance": {
                "entry": "bache",
                "version": "abc123def456",
                "question": "¿Cómo aviso de un hoyo?",
                "confidence": 0.4,
                "responsible": "Dirección de Obras",
                "reviewed": "2026-10-01",
            },
        }
    ]


async def test_unsure_decision_becomes_choices_and_none_of_these(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("clarify", candidates("bache", "poda")))
    [message] = await turn(action, heard("algo en la calle"))
    assert message["text"] == agency.say("aclarar")
    assert message["buttons"] == [
        {"title": "¿Cómo hago bache?", "payload": '/choose_entry{"entry": "bache"}'},
        {"title": "¿Cómo hago poda?", "payload": '/choose_entry{"entry": "poda"}'},
        {"title": agency.say("ninguna"), "payload": "/none_of_these"},
    ]


async def test_first_question_that_names_nothing_is_asked_what_it_is_about(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("clarify", candidates("bache", "poda")))
    [message] = await turn(action, heard("¿se puede pagar con tarjeta?"))
    assert (message["text"], message["missed"]) == (agency.say("de_que_tramite"), True)
    assert message["buttons"] == [PERSON] and "candidates" not in message


async def test_single_choice_is_not_called_several(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("clarify", candidates("bache")))
    [message] = await turn(action, heard("algo en la calle"))
    titles = [button["title"] for button in message["buttons"]]
    assert (message["text"], titles) == (agency.say("aclarar_una"), ["¿Cómo hago bache?", agency.say("ninguna_una")])


async def test_choices_are_limited_by_the_agency(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("clarify", candidates("a", "b", "c", "d", "e")))
    [message] = await turn(action, heard("algo"))
    assert len(message["buttons"]) == agency.max_choices + 1


async def test_unknown_question_goes_to_a_person_with_the_candidates(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("handoff", candidates("bache")))
    [message] = await turn(action, heard("la jubilación de mi tía en España"))
    assert message["text"] == agency.say("no_se")
    assert message["handoff"] == {
        "reason": "low_confidence",
        "priority": "normal",
        "team": agency.default_team,
        "candidates": ({"entry": "bache", "question": "¿Cómo hago bache?", "confidence": 0.4},),
    }


@pytest.mark.parametrize("kind", ["answer", "clarify"])
async def test_incomplete_decision_goes_to_a_person(agency: Agency, kind: str) -> None:
    action, _ = answering(agency, FakeDecision(kind))
    [message] = await turn(action, heard("algo"))
    assert message["handoff"]["reason"] == "low_confidence"


async def test_expired_entry_is_not_served_but_handed_to_its_team(agency: Agency) -> None:
    expired = replace(FakeEntry(), expires=date(2026, 11, 23))
    action, _ = answering(agency, FakeDecision("answer", candidates("bache"), expired))
    [message] = await turn(action, heard("un hoyo"))
    assert message["text"] == agency.say("entrada_vencida")
    assert (message["handoff"]["reason"], message["handoff"]["team"]) == ("expired_entry", "obras")


async def test_entry_is_served_on_its_last_day(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), replace(FakeEntry(), expires=TODAY)))
    [message] = await turn(action, heard("un hoyo"))
    assert message["text"] == FakeEntry().body


async def test_chosen_entry_is_answered_with_full_confidence(agency: Agency) -> None:
    [message] = await turn(choosing(agency), heard("/choose_entry", entities=({"entity": "entry", "value": "bache"},)))
    assert (message["text"], message["provenance"]["confidence"]) == (FakeEntry().body, 1.0)


async def test_chosen_entry_that_expired_meanwhile_goes_to_its_team(agency: Agency) -> None:
    action = choosing(agency, replace(FakeEntry(), expires=date(2020, 1, 1)))
    [message] = await turn(action, heard("/choose_entry", entities=({"entity": "entry", "value": "bache"},)))
    assert message["handoff"]["reason"] == "expired_entry"


@pytest.mark.parametrize("entities", [(), ({"entity": "entry", "value": "borrada"},), ({"entity": "x", "value": "y"},)])
async def test_expired_choice_gives_a_notice(agency: Agency, entities: tuple[dict[str, str], ...]) -> None:
    assert await turn(choosing(agency), heard("/choose_entry", entities=entities)) == [
        {"text": agency.say("opcion_vencida")}
    ]


async def test_citizen_who_asks_more_than_two_questions_reads_that_the_rest_is_unanswered(agency: Agency) -> None:
    action, _ = answering(
        agency, FakeDecision("answer", candidates("bache", "poda"), FakeEntry(), also=FakeEntry("poda"))
    )
    first, _ = await turn(action, heard("cuánto vale el carnet, dónde aviso de un hoyo y a qué hora cierran"))
    assert first["text"].startswith(agency.say("dos_preguntas_de_mas"))


async def test_two_questions_get_two_answers_each_with_its_own_provenance(agency: Agency) -> None:
    other = FakeEntry("poda", body="Pide la poda.", source=Source("Aseo", "https://losaromos.example/poda"))
    action, _ = answering(agency, FakeDecision("answer", candidates("bache", "poda"), FakeEntry(), also=other))
    messages = await turn(action, heard("un hoyo y una rama"))
    assert [message["text"] for message in messages] == [
        f"Me preguntaste dos cosas.\n\n**1. {FakeEntry().question}**\n\n{FakeEntry().body}",
        f"**2. {other.question}**\n\nPide la poda.",
    ]
    assert [message["provenance"]["entry"] for message in messages] == ["bache", "poda"]
    assert [message["source"]["title"] for message in messages] == ["Municipalidad", "Aseo"]


async def test_follow_up_on_the_first_of_two_answers_gets_the_section_that_it_asks_for(agency: Agency) -> None:
    entry = FakeEntry(body="Avisa aquí.\n\n**Costo:** es gratis.")
    action, _ = answering(agency, FakeDecision("answer", candidates("bache"), entry, follows=True))
    answers = [said(Payload(id, provenance=provenance(FakeEntry(id), 0.9)).to_data()) for id in ("bache", "poda")]
    [message] = await turn(action, heard("¿y cuánto cuesta?", before=({"event": "user", "text": "..."}, *answers)))
    assert message["text"].endswith(":\n\n**Costo:** es gratis.")


@pytest.mark.parametrize(
    ("entry", "also", "said"),
    [
        ("vencida", "bache", ["bache", "expired_entry"]),
        ("bache", "vencida", ["bache", "expired_entry"]),
        ("vencida", "vencida-2", ["expired_entry"]),
        ("bache", "bache", ["bache"]),
    ],
)
async def test_handoff_comes_last_of_two_questions(agency: Agency, entry: str, also: str, said: list[str]) -> None:
    def made(id: str) -> FakeEntry:
        return FakeEntry(id, expires=date(2020, 1, 1) if id.startswith("vencida") else None)

    action, _ = answering(agency, FakeDecision("answer", (), made(entry), also=made(also)))
    messages = await turn(action, heard("..."))
    assert [m["handoff"]["reason"] if "handoff" in m else m["provenance"]["entry"] for m in messages] == said


async def test_follow_up_answer_names_its_topic(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), FakeEntry(), follows=True))
    [message] = await turn(action, heard("¿y es gratis?"))
    assert message["text"] == "Sobre «¿Cómo aviso de un hoyo?»:\n\nAvisa **aquí**.\n\nEs gratis."


LONG = FakeEntry(body="Se avisa aquí.\n\n**Costo:** es gratis.\n\n**Pasos**\n\n- " + "palabra " * 110)
WHOLE_ANSWER = {"title": "Ver todo", "payload": '/choose_entry{"entry": "bache", "whole": "1"}'}


def after_answer(text: str, entry: str = "bache", channel: str = "whatsapp") -> Tracker:
    """Builds the tracker of a message after the answer of an entry."""
    payload = Payload("...", provenance=Provenance(entry, "1", "¿?", 1.0))
    return heard(text, before=(said(payload.to_data()),), channel=channel)


async def test_follow_up_gets_the_section_that_it_asks_for_and_a_button_for_the_rest(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), LONG, follows=True))
    [message] = await turn(action, after_answer("¿y es gratis?"))
    assert message["text"] == f"Sobre «{LONG.question}»:\n\n**Costo:** es gratis."
    assert message["buttons"] == [WHOLE_ANSWER]
    assert (message["provenance"]["entry"], message["source"]["title"]) == ("bache", "Municipalidad")


PERSON = {"title": "Hablar con alguien", "payload": "/ask_human"}


@pytest.mark.parametrize(
    ("text", "key", "sentence"),
    [
        ("¿y para mi hijo?", "ya_dicho", ""),
        ("eso mismo", "ya_dicho", ""),
        ("¿y si ya avisé aquí?", "ya_dicho_esto", "Se avisa aquí."),
    ],
)
async def test_long_answer_is_not_repeated_below_itself(agency: Agency, text: str, key: str, sentence: str) -> None:
    entry = replace(LONG, question="¿Qué hago con un hoyo?")
    action, _ = answering(agency, FakeDecision("answer", (), entry, follows=True))
    [message] = await turn(action, after_answer(text))
    said = agency.say(key, pregunta=entry.question)
    assert message["text"] == (f"{said}\n\n{sentence}" if sentence else said)
    assert (message["buttons"], message["source"]["title"]) == ([WHOLE_ANSWER, PERSON], "Municipalidad")
    assert message["provenance"]["entry"] == "bache"


@pytest.mark.parametrize(
    ("text", "ids", "is_lacking"),
    [
        ("¿y dónde queda?", ("bache", "poda"), True),
        ("¿y si perdí el papel?", ("bache",), True),
        ("¿y si perdí el papel?", ("bache", "poda"), False),
        ("¿y dónde queda?", ("poda", "bache"), False),
    ],
)
async def test_answer_above_is_not_offered_for_what_it_lacks(
    agency: Agency, text: str, ids: tuple[str, ...], is_lacking: bool
) -> None:
    action, _ = answering(agency, FakeDecision("clarify", candidates(*ids)))
    [message] = await turn(action, after_answer(text))
    key = "no_lo_dice" if "dónde" in text else "ya_dicho"
    assert (message["text"] == agency.say(key, pregunta="¿Cómo hago bache?")) is is_lacking
    assert (message["buttons"] == [WHOLE_ANSWER, PERSON]) is is_lacking
    assert (("candidates" in message) is not is_lacking and PERSON in message["buttons"]) or not is_lacking


async def test_follow_up_to_an_open_offer_gets_the_offer_again(agency: Agency) -> None:
    offer = said(Payload("¿Cuál?", candidates=candidates("poda", "bache")).to_data())
    for kind in ("clarify", "handoff", "scope"):
        action, _ = answering(agency, FakeDecision(kind, candidates("otra")))
        [message] = await turn(action, heard("¿y cuánto vale?", before=(offer,)))
        assert message["text"] == agency.say("cual_de_estas")
        assert [one["entry"] for one in message["candidates"]] == ["poda", "bache"]
    action, _ = answering(agency, FakeDecision("clarify", candidates("otra")))
    [message] = await turn(action, heard("¿y cuánto vale la licencia?", before=(offer,)))
    assert [one["entry"] for one in message["candidates"]] == ["otra"]
    [message] = await turn(action, heard("¿cuánto vale?", before=(offer,)))
    assert [one["entry"] for one in message["candidates"]] == ["poda", "bache"]


async def test_message_that_goes_on_after_an_offer_and_is_unknown_gets_the_offer_once_more(agency: Agency) -> None:
    offer = said(Payload("¿Cuál?", candidates=candidates("poda", "bache")).to_data())
    action, _ = answering(agency, FakeDecision("handoff", candidates("otra")))
    [message] = await turn(action, heard("¿y sirve para el colegio?", before=(offer,)))
    assert message["text"] == agency.say("cual_de_estas")
    again = (offer, {"event": "user", "text": "¿y sirve para el colegio?"}, offer)
    for text, before in (("¿y para la feria?", again), ("¿y puedo hablar con alguien?", (offer,))):
        [message] = await turn(action, heard(text, before=before))
        assert message["handoff"]["reason"] == "low_confidence"


async def test_bare_question_that_gets_the_offer_twice_reads_why_and_may_ask_for_a_person(agency: Agency) -> None:
    offer = said(Payload("¿Cuál?", candidates=candidates("poda", "bache")).to_data())
    asked = {"event": "user", "text": "¿y cuánto?"}
    action, _ = answering(agency, FakeDecision("handoff", candidates("otra")))
    for before in ((offer, asked, offer), (offer, asked, offer, asked, offer)):
        [message] = await turn(action, heard("¿y cuánto?", before=before))
        assert message["text"] == agency.say("hay_que_elegir")
        assert [one["entry"] for one in message["candidates"]] == ["poda", "bache"]
        assert len(message["buttons"]) == 3 and message["buttons"][-1] == PERSON


async def test_short_answer_is_repeated_whole(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), FakeEntry(), follows=True))
    [message] = await turn(action, after_answer("¿y para mi hijo?"))
    assert message["text"].endswith(FakeEntry().body)


async def test_follow_up_about_another_entry_gets_its_whole_answer(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), LONG, follows=True))
    [message] = await turn(action, after_answer("¿y es gratis?", "poda"))
    assert message["text"] == f"Sobre «{LONG.question}»:\n\n{LONG.body}"
    assert "buttons" not in message and "fold_after" not in message and "title" not in message


async def test_long_answer_may_be_folded_after_its_lead_unless_it_was_asked_for(agency: Agency) -> None:
    action, _ = answering(agency, FakeDecision("answer", (), LONG))
    [message] = await turn(action, heard("un hoyo"))
    assert (message["text"], message["fold_after"], message["title"]) == (LONG.body, 1, LONG.question)
    wanted = ({"entity": "entry", "value": "bache"}, {"entity": "whole", "value": "1"})
    [message] = await turn(choosing(agency, LONG), heard("/choose_entry", entities=wanted))
    assert (message["text"], message["title"]) == (LONG.body, LONG.question) and "fold_after" not in message


async def test_two_long_answers_are_led_and_unfolded_by_buttons_where_the_channel_does_not_fold(agency: Agency) -> None:
    other = replace(LONG, id="poda", question="¿Cómo pido la poda?")
    action, _ = answering(agency, FakeDecision("answer", candidates("bache", "poda"), LONG, also=other))
    first, second = await turn(action, heard("un hoyo y una rama", channel="whatsapp"))
    assert first["text"] == f"Me preguntaste dos cosas.\n\n**1. {LONG.question}**\n\nSe avisa aquí."
    assert second["text"] == f"**2. {other.question}**\n\nSe avisa aquí."
    assert [button["title"] for button in second["buttons"]] == ["Ver todo (1)", "Ver todo (2)"]
    assert "buttons" not in first and "title" not in {**first, **second}
    no_buttons = heard("un hoyo y una rama", channel="whatsapp")
    no_buttons.latest_message["metadata"]["whole"] = True
    whole = await turn(action, no_buttons)
    assert all(one["text"].endswith(LONG.body) and "buttons" not in one for one in whole)
    first, second = await turn(action, heard("un hoyo y una rama", channel="web"))
    assert [message["fold_after"] for message in (first, second)] == [3, 2]
    assert first["text"].endswith(LONG.body)


def test_long_question_is_cut_between_words() -> None:
    title = shortened("¿Cómo solicito la exención total o parcial del pago de los derechos de aseo domiciliario?")
    assert title == "¿Cómo solicito la exención total o parcial del pago de los derechos de…"
    assert len(title) <= TITLE_LIMIT


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (FakeDecision("handoff", danger=POSSIBLE), [False, True]),
        (FakeDecision("clarify", candidates("vif", "poda"), danger=POSSIBLE), [False, False]),
        (FakeDecision("answer", (), FakeEntry(), danger=POSSIBLE), [False, False]),
        (FakeDecision("scope", danger=POSSIBLE), [False]),
    ],
)
async def test_possible_danger_gets_the_number_before_anything_else(
    agency: Agency, decision: FakeDecision, said: list[bool]
) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(decision))
    messages = await turn(action, heard("se puso morado"))
    assert messages[0]["text"] == agency.emergency_notices["gas"]
    assert ["handoff" in message for message in messages] == said
    assert messages[0]["buttons"][0]["payload"] == '/emergency{"kind":"gas"}'


async def test_sure_danger_gets_its_number_and_a_person_and_no_entry(agency: Agency) -> None:
    decision = FakeDecision("handoff", danger=Danger("gas", 1.0, 1.0))
    action = answering_faq(FaqReplies(agency), FakeAnswerer(decision))
    [message] = await turn(action, heard("estamos mareados y la estufa está prendida"))
    assert message["text"] == agency.emergencies["gas"]
    assert message["handoff"]["priority"] == "emergency"
