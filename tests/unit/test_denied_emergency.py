"""Tests that the citizen can undo a false emergency, and that no danger is silenced by it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import (
    Attachment,
    Button,
    Channel,
    CitizenMessage,
    MediaKind,
    Priority,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.texts import area
from bot.crisis.emergency import cries_for_help, find
from bot.crisis.overheard import cannot_speak
from bot.turns.assistant import Assistant
from bot.turns.buttons import NO_EMERGENCY, NO_EMERGENCY_ID
from bot.turns.danger import DangerNotices
from bot.turns.emergency import denies_emergency
from bot.turns.outcome import Decision
from bot.turns.queue.endangered import EndangeredTurns
from bot.turns.queue.waiting import NO_RULES, WaitingRules, WaitingTurns
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from tests.rows import each_row

NOW_MS = int(time.time() * 1000)
TOLD = KeptDanger("suicidio", True, NOW_MS - 1000)
DENIED = replace(TOLD, denied=NOW_MS)
WAITING = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (), 1, "7", in_emergency=True)
ODD = "mi viejo quedó como ido"
Take = Callable[..., Any]


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar 1")


async def judge(text: str) -> RecognizedDanger | None:
    return RecognizedDanger("suicidio", sure=False) if text == ODD else None


async def hours(_text: str, _now: datetime) -> str:
    return "Abrimos a las 9:00."


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    rules = WaitingRules(position_notice=place, hours_answer=hours)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules, judge=judge)

    async def taken(text: str, danger: KeptDanger, button: str | None = None, **facts: Any) -> Decision:
        state = replace(WAITING, dangers=(danger,), **facts)
        return await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0, button=button), state)

    yield taken
    await rasa.close()


@pytest.mark.parametrize(
    "text", ["No es una emergencia", "Estoy bien, gracias", "perdón, falsa alarma", "ya, estoy a salvo"]
)
async def test_words_stop_the_numbers_and_keep_the_ticket(agency: Agency, take: Take, text: str) -> None:
    decision = await take(text, TOLD)
    (reply,) = decision.replies
    assert (reply.text, reply.danger) == (
        agency.say("emergencia_no"),
        RecognizedDanger("suicidio", sure=True, denied=True),
    )
    assert not decision.change.cancel_ticket
    assert [one.id for one in reply.buttons] == ["danger-suicidio"]  # the way back to the emergency


@pytest.mark.parametrize("text", ["no estoy en peligro", "No estoy en peligro.", "no corro peligro", "no hay peligro"])
async def test_words_that_a_missing_comma_turns_around_keep_the_numbers_and_offer_the_button(
    agency: Agency, take: Take, text: str
) -> None:
    assert "¿Estás a salvo?" in agency.say("emergencia_pregunta")
    (reply,) = (await take(text, TOLD)).replies
    assert reply.danger == RecognizedDanger("suicidio", sure=True)
    assert [one.id for one in reply.buttons] == [NO_EMERGENCY_ID]


@pytest.mark.parametrize("speaker", [Speaker.WAITING, Speaker.STAFF])
async def test_button_works_in_the_queue_and_beside_an_agent(agency: Agency, take: Take, speaker: Speaker) -> None:
    decision = await take("No es una emergencia", TOLD, NO_EMERGENCY_ID, speaker=speaker)
    assert decision.replies[0].text == agency.say("emergencia_no")


async def test_reminder_offers_the_way_back(take: Take) -> None:
    decision = await take("tengo miedo", TOLD)
    (button,) = decision.replies[-1].buttons
    assert (button.id, decision.change.buttons) == (NO_EMERGENCY_ID, (button,))


async def test_numbers_are_not_repeated_once_denied(take: Take) -> None:
    decision = await take("tengo una duda con la patente", DENIED)
    assert not [one for one in decision.replies if one.danger]


async def test_complaint_after_a_denial_is_not_promised_to_volver(agency: Agency) -> None:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    turns = WaitingTurns(agency, Assistant(rasa), WaitingRules(complaints=NoComplaints()))  # type: ignore[arg-type]
    message, calm = CitizenMessage("c1", Channel.WEB, "m1", "quiero reclamar", at=0), replace(WAITING, noticed_at=1)
    told = await turns.decide(message, replace(calm, in_emergency=False))
    assert told.replies[0].text == agency.say("reclamo_en_espera")
    denied = await turns.decide(message, replace(calm, dangers=(DENIED,)))
    assert not any("volver" in one.text for one in denied.replies)
    await rasa.close()


async def test_volver_without_an_emergency_leaves_the_queue(agency: Agency) -> None:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    turns = EndangeredTurns(DangerNotices(agency), WaitingTurns(agency, Assistant(rasa), NO_RULES))
    message = CitizenMessage("c1", Channel.WEB, "m1", "volver", at=0)
    assert (await turns.decide(message, WAITING)).change.cancel_ticket
    assert not (await turns.decide(message, replace(WAITING, dangers=(DENIED,)))).change.cancel_ticket
    await rasa.close()


class NoComplaints:
    """Simulates the complaints of a citizen who has none."""

    async def state_reply(self, _message: CitizenMessage, *, waits: bool) -> None:
        return None


class CallsBack:
    """Simulates the dialogue about a call-back, which takes the ticket out of the queue."""

    def turn(self, _message: CitizenMessage, _state: ConversationState) -> Decision:
        return Decision(change=Change(call_back_at=1))

    def begun(self, _team: str) -> Decision:
        return Decision()

    def again(self, _message: CitizenMessage, _state: ConversationState) -> None:
        return None

    def revoked(self, _message: CitizenMessage, _state: ConversationState) -> None:
        return None


async def test_call_back_offered_before_takes_no_denied_emergency_from_the_queue(agency: Agency) -> None:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    waiting = WaitingTurns(agency, Assistant(rasa), WaitingRules(callbacks=CallsBack()))
    turns = EndangeredTurns(DangerNotices(agency), waiting)
    message = CitizenMessage("c1", Channel.WEB, "m1", "Que me llamen", at=0, button="b1")
    calm = replace(WAITING, in_emergency=False)
    assert (await turns.decide(message, calm)).change.call_back_at
    decision = await turns.decide(message, replace(WAITING, dangers=(DENIED,)))
    assert decision.change.call_back_at is None
    assert decision.replies[0].text == agency.say("opcion_con_persona")
    await rasa.close()


@pytest.mark.parametrize(("text", "key"), [("volver", "emergencia_no_vuelve"), ("estoy bien", "emergencia_no")])
async def test_only_an_agent_takes_a_denied_emergency_from_the_queue(
    agency: Agency, take: Take, text: str, key: str
) -> None:
    decision = await take(text, DENIED)
    assert ([one.text for one in decision.replies], decision.change.cancel_ticket) == ([agency.say(key)], False)


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("me quiero matar", None),
        ("no es una emergencia, pero hay olor a gas", None),
        ("auxilio", None),
        ("sí es una emergencia", None),
        ("mentí, estoy en peligro", None),
        ("No, es una emergencia", None),
        ("no\nestoy en peligro", None),
        ("Não, é uma emergência", None),
        ("I'm not safe", None),
        ("Es una emergencia", "danger-suicidio"),
    ],
)
@pytest.mark.parametrize("danger", [TOLD, DENIED])
async def test_danger_is_never_silenced(
    agency: Agency, take: Take, text: str, button: str | None, danger: KeptDanger
) -> None:
    if danger is TOLD and button is None and not find(text):
        decision = await take(text, danger)
        assert decision.replies[-1].danger == RecognizedDanger("suicidio", sure=True)  # the reminder
        return
    decision = await take(text, danger, button)
    assert decision.replies[0].danger and decision.replies[0].danger.sure and not decision.replies[0].danger.denied
    assert decision.change.escalate_to is Priority.EMERGENCY


async def test_possible_danger_after_the_denial_gets_its_line_though_the_numbers_are_recent(take: Take) -> None:
    assert (await take(ODD, DENIED)).replies[0].danger == RecognizedDanger("suicidio", sure=False)
    now_ms = int(time.time() * 1000)
    lately = replace(DENIED, at=now_ms, denied=now_ms - 500)
    assert not any(one.danger for one in (await take(ODD, lately)).replies)


@each_row(
    "text",
    [
        "estoy bien, no es una emergencia",
        "no, no es una emergencia",
        "no no es emergencia",
        "nooo no es emergencia",
        "perdón, no es emergencia, gracias",
        "es falsa alarma",
        "No. Fue una falsa alarma, disculpe",
        "estoy a salvo. falsa alarma",
    ],
)
def test_known_sentences_deny_together(text: str) -> None:
    assert denies_emergency(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), ())


@each_row(
    "text",
    [
        "no, estoy bien",
        "no, es una emergencia",
        "no\nes una emergencia",
        "no es emergencia, me duele el pecho",
        "estoy bien, mi hijo no",
        "gracias, disculpe",
        "no, no",
        "no estoy bien",
        "estoy bien 😭",
        "🆘 estoy bien",
        "¿no es una emergencia?",
        "estoy bien mal",
        "no estoy a salvo",
        "estoy bien pero mi hijo no",
        "No, estoy en peligro",
        "no estoy en peligro",
        "no corro peligro",
        "no hay peligro",
        "no... hay peligro",
        "No, emergency",
        "fue sin querer",
        "fue un error",
        "me equivoqué",
        "sí",
        "no",
    ],
)
def test_other_words_deny_nothing(text: str) -> None:
    assert not denies_emergency(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), ())


def test_words_beside_a_photo_deny_nothing() -> None:
    photo = (Attachment(MediaKind.PHOTO),)
    assert not denies_emergency(CitizenMessage("c1", Channel.WEB, "m1", "estoy bien", at=0, attachments=photo), ())


def test_number_of_the_button_denies_only_if_it_is_the_newest() -> None:
    button, other = Button("No es una emergencia", NO_EMERGENCY, NO_EMERGENCY_ID), Button("Otra", "/other", "b")
    one, two = (CitizenMessage("c1", Channel.WHATSAPP, "m1", number, at=0) for number in ("1", "2"))
    assert denies_emergency(one, (button, other))
    assert not denies_emergency(two, (other, button))


@pytest.mark.parametrize(
    "text", ["mi mamá se desmayó y no me oye", "nadie me escucha", "¿alguien me escucha?", "quedó sin hablar"]
)
def test_unanswered_call_is_not_taken_for_being_unable_to_call(text: str) -> None:
    assert not cannot_speak(text)


def test_no_denial_is_a_danger_or_a_cry() -> None:
    phrases = area("agency")["sin_emergencia"]["frases"]
    assert not [one for one in phrases if find(one) or cries_for_help(one) or cannot_speak(one)]


async def test_citizen_who_cannot_call_reads_what_to_do_without_a_call(agency: Agency, take: Take) -> None:
    numbers = "**133** o **1455** o **149**"
    silent = agency.say("emergencia_sin_hablar", numeros=numbers)
    violence = replace(TOLD, kind="violencia")
    assert (await take("no puedo hablar por teléfono porque me escucha", violence)).replies[-1].text == silent
    first = await take("mi marido me está pegando y no puedo hablar", TOLD, speaker=Speaker.ASSISTANT, ticket=None)
    assert first.handoff and [one.text for one in first.replies] == [agency.emergency_silent["violencia"], silent]


async def test_possible_danger_of_a_citizen_who_cannot_call_names_no_call(agency: Agency, take: Take) -> None:
    free = replace(WAITING, speaker=Speaker.ASSISTANT, ticket=None, in_emergency=False)
    notices = DangerNotices(agency)
    message = CitizenMessage("c1", Channel.WEB, "m1", "baja la voz, me escucha", at=0)
    told = notices.without_call(message, notices.over("violencia", Decision(), free), free).replies
    assert [one.text for one in told] == [agency.emergency_silent["violencia"]]
    assert told[0].buttons and told[0].danger == RecognizedDanger("violencia", sure=False)


async def test_overheard_citizen_reads_how_to_ask_for_help_without_describing_a_danger(
    agency: Agency, take: Take
) -> None:
    facts = {"speaker": Speaker.ASSISTANT, "ticket": None, "in_emergency": False, "dangers": ()}
    state = replace(WAITING, **facts)
    notices = DangerNotices(agency)
    said = {
        text: notices.without_call(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), Decision(), state).replies
        for text in (
            "no puedo hablar por teléfono porque me escucha",
            "no puedo hablar, me están escuchando",
            "no puedo hablar, se me escucha entrecortado",
            "no puedo hablar por teléfono, me escuchan mal",
            "no puedo llamar porque nunca me escuchan",
            "no puedo hablar con la muni, nadie nos oye",
        )
    }
    silent = [agency.emergency_silent["violencia"]]
    assert [[one.text for one in replies] for replies in said.values()] == [silent] * 2 + [[]] * 4


async def test_default_text_sends_nobody_who_cannot_call_to_the_telephone(agency: Agency) -> None:
    notices = DangerNotices(replace(agency, emergency_silent={}))
    message = CitizenMessage("c1", Channel.WEB, "m1", "me escucha, no puedo hablar", at=0)
    [reply] = notices.without_call(message, notices.escalated("violencia"), WAITING).replies
    assert reply.text == agency.say("emergencia_sin_llamar", numeros="**133** o **1455** o **149**")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("me están asaltando, llamé y se me escucha mal", "emergencies"),
        ("me están asaltando y no puedo llamar, no tengo saldo", "emergencies"),
        ("me están asaltando, no puedo llamar, no tengo saldo y me escuchan", "emergency_silent"),
    ],
)
async def test_citizen_with_a_bad_line_or_no_credit_keeps_the_numbers(
    agency: Agency, take: Take, text: str, key: str
) -> None:
    first = await take(text, TOLD, speaker=Speaker.ASSISTANT, ticket=None)
    assert first.replies[0].text == getattr(agency, key)["delito"]


def test_suicidal_citizen_who_can_talk_to_nobody_reads_that_they_may_call(agency: Agency) -> None:
    assert "Si puedes llamar, al ***4141**" in agency.emergency_silent["suicidio"]


async def test_kind_without_words_for_citizens_who_cannot_call_keeps_its_reply(agency: Agency, take: Take) -> None:
    first = await take("se quema mi casa y no puedo hablar", TOLD, speaker=Speaker.ASSISTANT, ticket=None)
    assert first.replies[0].text == agency.emergencies["incendio"]


@pytest.mark.parametrize("text", ["estoy bien 🙏", "Estoy bien 👍🏽", "falsa alarma ❤️"])
def test_calm_pictographs_beside_the_words_do_not_matter(text: str) -> None:
    assert denies_emergency(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), ())


@pytest.mark.parametrize(
    ("text", "is_answered"),
    [("tiene 4 meses", False), ("hay niños chicos", False), ("a qué hora abren", True), ("farmacia de turno", True)],
)
async def test_in_an_emergency_only_what_asks_is_answered(take: Take, text: str, is_answered: bool) -> None:
    replies = (await take(text, TOLD)).replies
    assert [one.text for one in replies if "9:00" in one.text] == ["Abrimos a las 9:00."] * is_answered
    assert "*4141" in replies[-1].text
