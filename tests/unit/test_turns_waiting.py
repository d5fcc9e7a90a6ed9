"""Tests what a waiting citizen gets: sure answers, and the position once or on request."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from typing import cast

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import (
    Attachment,
    Author,
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Provenance,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.form import Form, Step
from bot.handoff.callbacks.request import Requests
from bot.handoff.courtesies import is_courtesy
from bot.handoff.estimate import asks_how_long, names_matter
from bot.handoff.hours import ServiceHours
from bot.handoff.open_now import HoursAnswer
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision, Turn
from bot.turns.queue.unanswered import NOTICE_EVERY_MS, UnansweredQuestions, kept_choices
from bot.turns.queue.waiting import WaitingRules, WaitingTurns
from bot.turns.rasa_client import Rasa, turn_of
from bot.turns.rights.dialogue import Rights
from bot.turns.turns import Turns
from tests.sure_answers import ANSWER, CHOICES, DOUBTFUL, KNOWN, OFFER, QUESTION, sure_answers

CALL_ME = Button("Que me llamen", "/callback", "b1")
STATE = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (CALL_ME,), int(time.time() * 1000))
TOLD = replace(STATE, rest_announced="7")
PLACE = "lugar de 7"
HOW_LONG = "¿cuánto falta?"
OF_A_MATTER = "cuánto demora la licencia"
PHONE = "+56 9 8765 4321"
STROKE = "vieja está morada y babea"  # has no emergency phrase
Take = Callable[..., Awaitable[Decision]]
classified: list[bytes] = []  # the requests for an intent


async def place(ticket: str, _now: datetime) -> Reply:
    return Reply(f"lugar de {ticket}", author=Author.SYSTEM)


def rasa_knows(request: httpx.Request) -> httpx.Response:
    assert request.url.path == "/model/parse", "a waiting citizen's message is never a turn of Rasa"
    classified.append(request.content)
    named = {b"datos": "delete_my_data", b"humana": "bot_identity"}
    intent = next((one for word, one in named.items() if word in request.content), "ask_other")
    return httpx.Response(200, json={"intent": {"name": intent}})


async def sees_stroke(text: str) -> RecognizedDanger | None:
    """Simulates the danger classifier."""
    return RecognizedDanger("medica", sure=True) if STROKE in text else None


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    async with AsyncExitStack() as stack:
        known = KNOWN | dict.fromkeys((HOW_LONG, OF_A_MATTER, PHONE), ANSWER)
        url = await stack.enter_async_context(sure_answers(known))
        assistant = Assistant(
            Rasa("http://rasa", transport=httpx.MockTransport(rasa_knows)), Answers(ActionsEndpoint(url))
        )
        stack.push_async_callback(assistant.close)
        hours = HoursAnswer(agency)
        rules = WaitingRules(place, None, None, asks_how_long, is_courtesy, hours, names_matter=names_matter)
        rights = Rights(lambda _conversation: "", lambda: "D-4F7K92QX")
        turns = Turns(
            agency=agency, assistant=assistant, wait_notice=place, waiting=rules, rights=rights, judge=sees_stroke
        )

        async def taken(text: str, state: ConversationState = TOLD, **more: object) -> Decision:
            return await turns.take(replace(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), **more), state)  # type: ignore[arg-type]

        yield taken


def texts(decision: Decision) -> list[str]:
    return [reply.text for reply in decision.replies]


async def test_thanks_before_a_question_do_not_keep_its_answer_back(take: Take) -> None:
    assert texts(await take(f"muchas gracias, {QUESTION}")) == [ANSWER]


async def test_danger_in_thanks_before_a_question_is_found(agency: Agency, take: Take) -> None:
    told = texts(await take(f"gracias por nada mi {STROKE}, {QUESTION}"))
    assert told == [agency.emergencies["medica"], agency.say("emergencia_pregunta")]


async def test_intent_of_a_waiting_citizens_message_is_asked_once(take: Take) -> None:
    classified.clear()
    assert texts(await take("una y otra cosa que nadie sabe")) == []
    assert len(classified) == 1


async def test_who_waits_is_told_that_a_program_writes(agency: Agency, take: Take) -> None:
    for state, more in ((STATE, [PLACE]), (TOLD, [])):
        decision = await take("¿eres humana?", state)
        assert texts(decision) == [agency.say("soy_automatica_en_espera"), *more]
        assert not decision.change.cancel_ticket


async def test_telephone_alone_is_left_for_the_agent(take: Take) -> None:
    assert texts(await take(PHONE)) == []


async def test_record_learns_that_who_asks_to_be_told_their_turn_allows_notices_again(take: Take) -> None:
    decision = await take("avísenme")
    assert decision.change.notify_near and decision.change.notices
    assert [reply.subscription for reply in decision.replies] == ["allowed"]
    talking = replace(TOLD, speaker=Speaker.STAFF)
    assert not any(reply.subscription for reply in (await take("avísenme", talking)).replies)


async def test_sure_answer_is_sent_and_the_notice_about_the_rest_only_once(take: Take) -> None:
    first = await take(QUESTION, STATE)
    assert texts(first) == [ANSWER, PLACE]
    assert first.change.rest_announced
    assert texts(await take(QUESTION, TOLD)) == [ANSWER]


async def test_assistant_gives_the_hours_where_it_has_no_answer(agency: Agency) -> None:
    def unsure(_request: httpx.Request) -> httpx.Response:
        missed = Payload(text="De eso no sé.", missed=True)
        return httpx.Response(200, json=[{"custom": missed.to_data()}])

    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(unsure)))
    rules = WaitingRules(hours_answer=HoursAnswer(agency))
    turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=rules)
    state = replace(STATE, speaker=Speaker.ASSISTANT, ticket=None, buttons=())
    told = {}
    for text in ("¿trabajan hoy?", "¿venden pan?"):
        told[text] = texts(await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state))
    assert "lunes a jueves" in told["¿trabajan hoy?"][0]
    assert told["¿venden pan?"] == ["De eso no sé."]
    await assistant.close()


CANDIDATE = Candidate("licencia", "¿Cómo saco la licencia?", 0.4)
UNSURE = Handoff(HandoffReason.LOW_CONFIDENCE)
ANSWERED = Dialogue().after(
    [Payload(provenance=Provenance("licencia", "v", "¿Cómo saco la licencia?", 0.9))], {}, None, 0
)


@pytest.mark.parametrize(
    ("said", "dialogue", "expected"),
    [
        (Payload(missed=True), Dialogue(), True),
        (Payload(handoff=UNSURE), Dialogue(), True),
        (Payload(missed=True), ANSWERED, False),  # maybe a follow-up
        (Payload(text="¡De nada!"), Dialogue(), False),
        (Payload(asks=CANDIDATE, missed=True), Dialogue(), False),
        (Payload(candidates=(CANDIDATE,), missed=True), Dialogue(), False),
        (Payload(referral="sii", missed=True), Dialogue(), False),
        (Payload(handoff=Handoff(HandoffReason.ASKED_HUMAN)), Dialogue(), False),
    ],
)
def test_hours_replace_only_a_turn_that_knows_nothing(said: Payload, dialogue: Dialogue, expected: bool) -> None:
    assert replace(turn_of([said]), dialogue=dialogue).knows_nothing is expected


async def test_answer_keeps_the_offered_buttons_and_adds_none(take: Take) -> None:
    decision = await take(QUESTION)
    assert [reply.buttons for reply in decision.replies] == [()]
    assert decision.change.buttons is None
    assert decision.handoff is None
    assert not decision.change.cancel_ticket
    assert decision.change.dialogue
    assert decision.change.unheard
    assert decision.change.unheard.text == QUESTION


PROOF = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", 0.97)
WHOLE = Button("Ver todo (1)", '/choose_entry{"entry": "licencia", "whole": "1"}')
PERSON = Button("Hablar con alguien", "/ask_human")


ASKED = CitizenMessage("c1", Channel.WHATSAPP, "m1", QUESTION, at=0)


class Surely:
    """An assistant that surely answers every text with these replies; remembers if whole answers were asked for."""

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.whole = replies, False

    async def sure_turn(
        self, _message: CitizenMessage, _state: ConversationState, *, whole: bool = False
    ) -> Turn | None:
        self.whole = whole
        return Turn(self.replies) if self.replies else None


def surely(agency: Agency, *replies: Reply) -> tuple[WaitingTurns, Surely]:
    assistant = Surely(*replies)
    return WaitingTurns(agency, cast(Assistant, assistant), WaitingRules(place)), assistant


@pytest.mark.parametrize(
    ("step", "asks", "again"),
    [(Step.CONSENT, QUESTION, True), (Step.CONTACT, QUESTION, True), (Step.WINDOW, "a qué hora más o menos", True),
     (Step.MATTER, QUESTION, False), (Step.CONTACT, "9 8765 4321", False), (Step.CONTACT, "no sé cuál", False),
     (Step.WINDOW, "como en la tarde", False)],
)  # fmt: skip
async def test_question_in_the_dialogue_about_a_call_back_is_answered_above_its_own(
    agency: Agency, step: Step, asks: str, again: bool
) -> None:
    calls = CallbackDialogue(agency, Requests(agency, ServiceHours(agency)), Addresses("s" * 40))
    rules = WaitingRules(place, callbacks=calls)
    turns = WaitingTurns(agency, cast(Assistant, Surely(Reply(ANSWER, provenance=PROOF))), rules)
    state = replace(TOLD, form=Form("transito", step, failures=1).to_json())
    decision = await turns.decide(replace(ASKED, text=asks), state)
    assert (decision.replies[0].text == ANSWER) is again
    if again:
        assert (len(decision.replies), decision.change.form) == (2, state.form)
        assert decision.change.buttons == decision.replies[1].buttons


@pytest.mark.parametrize("step", [Step.CONSENT, Step.MATTER, Step.CONTACT, Step.WINDOW])
async def test_question_in_a_group_is_answered_and_ends_the_dialogue_about_a_call_back(
    agency: Agency, step: Step
) -> None:
    calls = CallbackDialogue(agency, Requests(agency, ServiceHours(agency)), Addresses("s" * 40))
    rules = WaitingRules(place, callbacks=calls)
    turns = WaitingTurns(agency, cast(Assistant, Surely(Reply(ANSWER, provenance=PROOF))), rules)
    state = replace(TOLD, form=Form("transito", step).to_json())
    decision = await turns.decide(replace(ASKED, shared=True), state)
    assert ([one.text for one in decision.replies], decision.change.form) == ([ANSWER], "")


async def test_question_that_nothing_answers_goes_to_the_dialogue_about_a_call_back(agency: Agency) -> None:
    calls = CallbackDialogue(agency, Requests(agency, ServiceHours(agency)), Addresses("s" * 40))
    turns = WaitingTurns(agency, cast(Assistant, Surely()), WaitingRules(place, callbacks=calls))
    state = replace(TOLD, form=Form("transito", Step.CONTACT).to_json())
    (reply,) = (await turns.decide(ASKED, state)).replies
    assert reply.text == agency.say("llamada_error_nada")


TWO = (Reply(ANSWER, provenance=PROOF), Reply("Otra.", (WHOLE, PERSON), provenance=PROOF))
OTHER = Reply("Si también preguntabas esto, tócalo.", CHOICES[:1])
UNKNOWN = Reply("Para lo otro no tengo respuesta: habla con alguien.", (PERSON,))


@pytest.mark.parametrize(
    ("below", "shown"), [((), [(), (WHOLE,)]), ((OTHER,), [(), (WHOLE,), CHOICES[:1]]), ((UNKNOWN,), [(), (WHOLE,)])]
)
async def test_who_waits_can_press_what_an_answer_offers_and_reads_of_nobody_else(
    agency: Agency, below: tuple[Reply, ...], shown: list[tuple[Button, ...]]
) -> None:
    turns, assistant = surely(agency, *TWO, *below)
    decision = await turns.known_answer(ASKED, TOLD)
    assert [[one.payload for one in reply.buttons] for reply in decision.replies] == [
        [one.payload for one in buttons] for buttons in shown
    ]
    assert {one.id for reply in decision.replies for one in reply.buttons} < {
        one.id for one in decision.change.buttons or ()
    }
    assert decision.change.buttons and decision.change.buttons[-1] == CALL_ME
    assert not assistant.whole


@pytest.mark.parametrize("state", [replace(TOLD, form="asked"), replace(TOLD, speaker=Speaker.ASSISTANT)])
async def test_answer_in_a_dialogue_is_whole_and_has_no_button_nor_a_line_about_one(
    agency: Agency, state: ConversationState
) -> None:
    turns, assistant = surely(agency, *TWO, OTHER)
    decision = await turns.known_answer(ASKED, state)
    assert [(one.text, one.buttons) for one in decision.replies] == [(ANSWER, ()), ("Otra.", ())]
    assert (assistant.whole, decision.change.buttons) == (True, None)


@pytest.mark.parametrize(
    "said",
    [
        Reply("¿Vives aquí?", (Button("Sí", '/tell_audience{"entry": "x"}'),)),
        Reply("Puedes dejar un reclamo.", CHOICES[2:]),
        Reply("Eso lo ve otro servicio.", (PERSON,), referral="otro"),
    ],
)
async def test_what_says_more_than_a_line_stays_without_its_buttons(agency: Agency, said: Reply) -> None:
    decision = await surely(agency, TWO[0], said)[0].known_answer(ASKED, TOLD)
    assert [(one.text, one.buttons) for one in decision.replies] == [(ANSWER, ()), (said.text, ())]


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("también perdí la llave", STATE, [PLACE]),
        ("también perdí la llave", TOLD, []),
        ("también perdí la llave", replace(TOLD, noticed_at=0), [PLACE]),  # they came back without a notice
        ("también perdí la llave", replace(TOLD, rest_announced="6"), [PLACE]),  # that was another ticket
        ("¿cuánto falta?", TOLD, [PLACE]),
        ("muchas gracias", STATE, []),
        ("how do I renew my license?", TOLD, []),
        ("/restart", TOLD, []),
    ],
)
async def test_unanswered_question_is_left_for_the_person_without_fillers(
    take: Take, text: str, state: ConversationState, said: list[str]
) -> None:
    assert texts(await take(text, state)) == said


async def test_question_that_no_entry_surely_answers_gets_choices_beside_earlier_buttons(take: Take) -> None:
    decision = await take(DOUBTFUL)
    assert texts(decision) == [OFFER]
    shown = [(one.title, one.payload) for one in decision.change.buttons or ()]
    assert shown == [(one.title, one.payload) for one in (*CHOICES[:2], CALL_ME)]
    assert (decision.handoff, decision.change.cancel_ticket) == (None, False)


async def test_first_question_in_the_queue_gets_its_choices_above_the_position(take: Take) -> None:
    decision = await take(DOUBTFUL, STATE)
    assert texts(decision) == [OFFER, PLACE]
    assert [one.title for one in decision.change.buttons or ()] == [CHOICES[0].title, CHOICES[1].title, CALL_ME.title]
    assert decision.change.rest_announced


class Offers:
    """An assistant that offers the same choices for every text."""

    async def choices(self, _message: CitizenMessage, _state: ConversationState) -> Turn:
        return Turn((Reply(OFFER, CHOICES),))


async def test_short_question_that_goes_on_is_about_the_matter_that_waits(agency: Agency) -> None:
    questions = UnansweredQuestions(agency, cast(Assistant, Offers()))
    shown = {}
    for text in ("¿y cuánto cuesta?", "¿cuánto cuesta?", "¿y cuánto cuesta la patente?"):
        found = await questions.choices(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), TOLD)
        shown[text] = bool(found.replies)
    assert list(shown.values()) == [False, True, True]


async def test_question_without_choices_gets_a_word_once_in_some_minutes(take: Take, agency: Agency) -> None:
    word, text = agency.say("pregunta_en_espera"), "¿y para mi primo?"
    now_ms = int(time.time() * 1000)
    assert texts(await take(text, replace(TOLD, noticed_at=now_ms))) == []
    long_ago = replace(TOLD, noticed_at=now_ms - NOTICE_EVERY_MS)
    noticed = await take(text, long_ago)
    assert texts(noticed) == [word]
    assert texts(await take(text, replace(TOLD, noticed_at=noticed.change.noticed_at))) == []
    assert texts(await take("se me quedó en el auto", long_ago)) == []


CALL, FIRST, SECOND = (
    CALL_ME,
    Button("Renovar", '/choose_entry{"entry": "a"}', "c1"),
    Button("Primera licencia", '/choose_entry{"entry": "b"}', "c2"),
)


@pytest.mark.parametrize(
    ("text", "kept", "chosen"),
    [
        ("la segunda", (CALL, FIRST, SECOND), SECOND),
        ("la primera", (CALL, FIRST, SECOND), FIRST),
        ("2", (CALL, FIRST, SECOND), SECOND),
        ("1", (CALL, FIRST, SECOND), None),  # the channel shows the queue's own button as 1
        ("2", (FIRST, SECOND, CALL), SECOND),
        ("primera licencia", (CALL, FIRST, SECOND), SECOND),
        ("la tercera", (CALL, FIRST, SECOND), None),
    ],
)
def test_refused_choices_can_still_be_chosen_in_the_queue(
    agency: Agency, text: str, kept: tuple[Button, ...], chosen: Button | None
) -> None:
    questions = UnansweredQuestions(agency, Assistant(Rasa("http://rasa")))
    assert questions.chooses(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), replace(TOLD, buttons=kept)) == chosen


class Depending:
    """An assistant whose entry «a» depends on who asks; remembers what was pressed."""

    def __init__(self) -> None:
        self.pressed: list[str] = []

    async def turn(self, _message: CitizenMessage, button: Button, _state: ConversationState) -> Turn:
        self.pressed.append(button.payload)
        if button != FIRST:
            return Turn((Reply(ANSWER, (PERSON,), provenance=PROOF),))
        asks = Candidate("a", "Renovar", 1.0)
        return Turn((Reply("¿Eres de aquí?", (*LIVES, PERSON)),), said=(Payload("¿Eres de aquí?", LIVES, asks=asks),))


LIVES = tuple(Button(one, f'/tell_audience{{"value": "{one}", "entry": "a"}}') for one in ("Sí", "No"))


@pytest.mark.parametrize(("text", "value"), [("sí", 0), ("No.", 1), ("la segunda", 1), ("2", 1)])
async def test_waiting_citizen_can_answer_on_what_a_chosen_answer_depends(
    agency: Agency, text: str, value: int
) -> None:
    assistant = Depending()
    turns = WaitingTurns(agency, cast(Assistant, assistant), WaitingRules(place))
    state = replace(TOLD, buttons=(FIRST, SECOND, CALL))
    asked = await turns.decide(replace(ASKED, text="la primera"), state)
    assert [one.title for one in asked.replies[0].buttons] == ["Sí", "No"] and asked.handoff is None
    assert asked.change.buttons is not None and asked.change.buttons[2:] == state.buttons
    told = await turns.decide(replace(ASKED, text=text), replace(state, buttons=asked.change.buttons))
    assert (told.replies[0].text, told.replies[0].buttons) == (ANSWER, ())
    assert assistant.pressed == [FIRST.payload, LIVES[value].payload]
    assert told.change.buttons == state.buttons


def test_refusing_the_choices_keeps_them_beside_the_buttons_of_the_queue() -> None:
    offer = replace(STATE, speaker=Speaker.ASSISTANT, buttons=(FIRST, SECOND, Button("Otro", "/x", "b9")))
    refused = Decision(change=Change(buttons=(CALL,)), handoff=Handoff(HandoffReason.NONE_OF_THESE))
    assert kept_choices(refused, offer).change.buttons == (CALL, FIRST, SECOND)
    asked = replace(refused, handoff=Handoff(HandoffReason.ASKED_HUMAN))
    assert kept_choices(asked, offer).change.buttons == (CALL,)


async def test_question_that_nobody_answers_ends_the_matter_of_the_last_answer(take: Take) -> None:
    asked = replace(TOLD, dialogue=replace(ANSWERED, at=int(time.time() * 1000)))
    ends = {}
    for text in ("¿cómo saco la patente de un carrito?", "¿y para mi primo?", "¿y cuánto cuesta la de mi primo?"):
        dialogue = (await take(text, asked)).change.dialogue
        ends[text] = bool(dialogue and dialogue.exchanges[-1].said[0].handoff)
    assert list(ends.values()) == [True, False, False]


async def test_none_of_the_choices_is_for_the_agent(take: Take, agency: Agency) -> None:
    buttons = (replace(CHOICES[1], id="b9"), CALL_ME)
    decision = await take("Ninguna de estas", replace(TOLD, buttons=buttons), button="b9")
    assert texts(decision) == [agency.say("pregunta_en_espera")]


async def test_choice_of_a_waiting_citizen_is_answered_and_hands_nobody_off(agency: Agency) -> None:
    def chosen(request: httpx.Request) -> httpx.Response:
        proof = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", 1.0)
        said = Payload(ANSWER, (Button("Hablar con alguien", "/ask_human"),), provenance=proof)
        return httpx.Response(200, json=[{"custom": said.to_data()}])

    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(chosen)))
    turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=WaitingRules(place))
    message = CitizenMessage("c1", Channel.WEB, "m1", CHOICES[0].title, at=0, button="b9")
    decision = await turns.take(message, replace(TOLD, buttons=(replace(CHOICES[0], id="b9"),)))
    assert [(one.text, one.buttons) for one in decision.replies] == [(ANSWER, ())]
    assert (decision.handoff, decision.change.cancel_ticket, decision.is_answer) == (None, False, True)
    await assistant.close()


async def test_assistant_gives_its_name_to_a_citizen_who_waits(take: Take) -> None:
    assert texts(await take("¿cómo te llamas?"))[0].startswith("Me llamo Aroma")


async def test_question_about_opening_hours_is_answered_at_any_time(take: Take) -> None:
    (text,) = texts(await take("hola, ¿a qué hora abren mañana?"))
    assert "lunes a jueves: de 08:30 a 14:00 y de 15:00 a 17:30" in text
    assert "sábado a domingo: cerrado" in text


async def test_request_about_own_data_that_only_rasa_reads_gets_the_menu_beside_earlier_buttons(take: Take) -> None:
    decision = await take("quiero saber para qué usan mis datos ustedes")
    assert [one.title for one in decision.replies[0].buttons] == [
        "Ver o bajar mis datos",
        "Borrar todo",
        "Pedir una persona",
    ]
    assert (decision.change.buttons or ())[-1] == CALL_ME


async def test_request_about_own_data_in_an_emergency_comes_below_the_numbers(take: Take, agency: Agency) -> None:
    state = replace(TOLD, dangers=(KeptDanger("gas", True, 1),), in_emergency=True)
    reminder, menu = (await take("quiero borrar mis datos", state)).replies
    assert all(number in reminder.text for number in agency.emergency_numbers("gas"))
    assert reminder.danger is not None and menu.buttons


async def test_file_is_left_for_the_person(take: Take) -> None:
    photo = (Attachment(MediaKind.PHOTO),)
    assert texts(await take("", TOLD, attachments=photo)) == []
    assert texts(await take("", STATE, attachments=photo)) == [PLACE]


async def test_assistant_is_silent_once_a_person_has_claimed(take: Take) -> None:
    assert texts(await take(QUESTION, replace(TOLD, speaker=Speaker.STAFF))) == []


async def test_sure_answer_while_the_action_server_fails_is_left_for_the_person(agency: Agency) -> None:
    down = Assistant(
        Rasa("http://rasa", transport=httpx.MockTransport(lambda _: httpx.Response(500))),
        Answers(ActionsEndpoint("http://127.0.0.1:9")),
    )
    turns = Turns(agency=agency, assistant=down, wait_notice=place, waiting=WaitingRules(place))
    decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", QUESTION, at=0), STATE)
    assert texts(decision) == [PLACE]
    await down.close()


async def test_how_long_is_about_the_wait_even_if_an_entry_would_answer(take: Take) -> None:
    decision = await take(HOW_LONG)
    assert [reply.text for reply in decision.replies] == [PLACE]


async def test_how_long_a_procedure_takes_is_answered_above_the_place(take: Take) -> None:
    assert texts(await take(OF_A_MATTER)) == [ANSWER, PLACE]
    assert texts(await take("cuánto demora la patente")) == [PLACE]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("en qué lugar pago el permiso", True),
        ("¿cuánto tarda la pensión?", True),
        ("cuántas personas caben en el salón", True),
        ("cuánto falta para que me atiendan", False),
        ("en qué lugar de la fila voy", False),
        ("cuántas personas hay antes que yo", False),
        ("¿cuánto demoran en llamarme?", False),
        ("falta mucho para mi turno", False),
    ],
)
def test_question_about_the_wait_names_a_matter(text: str, names: bool) -> None:
    assert asks_how_long(text)
    assert names_matter(text) is names


async def test_offer_that_was_open_before_the_queue_silences_no_answer(take: Take) -> None:
    now_ms = int(time.time() * 1000)
    offered = Dialogue().after([Payload("¿Cuál?", candidates=(CANDIDATE,))], {}, None, now_ms)
    decision = await take(QUESTION, replace(TOLD, dialogue=offered))
    assert texts(decision) == [ANSWER]
    assert decision.change.dialogue
    assert decision.change.dialogue.exchanges[0] == offered.exchanges[0]


async def test_queue_waits_for_a_busy_action_server(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turns.answers.TIMEOUT_S", 0.05)
    async with sure_answers(delay_s=0.5) as url:
        rasa = Rasa("http://rasa", transport=httpx.MockTransport(rasa_knows))
        assistant = Assistant(rasa, Answers(ActionsEndpoint(url)))
        turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=WaitingRules(place))
        decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", QUESTION, at=0), TOLD)
        await assistant.close()
    assert texts(decision) == [ANSWER]
