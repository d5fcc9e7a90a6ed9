"""Tests the dialogue about the citizen's own data, from the request to the second confirmation."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.agency.privacy_settings import RequestKind, due_at, extended
from bot.conversation.addresses import Addresses
from bot.conversation.inbox import Inbox
from bot.conversation.pending_words import FIELD, PURPOSE, PendingWords
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.events import EventKind
from bot.core.messages import Button, Channel, CitizenMessage, Handoff, HandoffReason, RecognizedDanger, Reply, Speaker
from bot.core.network import ActionsEndpoint
from bot.core.secrets.encryption import Cipher
from bot.core.texts import say
from bot.handoff.courtesies import is_courtesy
from bot.privacy.links import OwnDataLinks
from bot.record.privacy_requests import RequestBook, RequestState, RequestStatus
from bot.store.words import Words, WordsDamaged
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.rasa_client import Rasa
from bot.turns.rights.dialogue import Rights
from bot.turns.rights.explaining import explained
from bot.turns.rights.registering import REQUESTS, Registering
from bot.turns.turns import Turns
from tests.sure_answers import ANSWER, QUESTION, sure_answers

RECEIPT, ASKED = "D-4F7K92QX", "P-4F7K92QX"
STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
LINKS = OwnDataLinks(Addresses("s" * 40), "https://chat.example/")
Say = Callable[[str], Awaitable[Decision]]


def rasa(request: httpx.Request) -> httpx.Response:
    said = json.loads(request.content)["message"]
    handoff = {"text": "Una persona te responderá.", "handoff": {"reason": "privacy_request"}}
    custom = handoff if said == "borrar mis datos" else {"text": f"eco: {said}"}
    return httpx.Response(200, json=[{"custom": {"ventanilla": custom}}])


async def wait_notice(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar 1")


@dataclass
class Talk:
    """A conversation that passes the last buttons from turn to turn."""

    turns: Turns
    state: ConversationState = STATE

    async def say(self, text: str, id: str = "m1", *, shared: bool = False) -> Decision:
        said = await self.turns.take(CitizenMessage("c1", Channel.WEB, id, text, at=0, shared=shared), self.state)
        if said.change.buttons is not None:
            self.state = replace(self.state, buttons=said.change.buttons)
        if said.change.to_explain is not None:
            self.state = replace(self.state, to_explain=said.change.to_explain)
        return said


@pytest_asyncio.fixture
async def talk(agency: Agency) -> AsyncIterator[Talk]:
    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa)))
    rights = Rights(LINKS.address, lambda: RECEIPT)
    yield Talk(Turns(agency=agency, assistant=assistant, wait_notice=wait_notice, rights=rights))
    await assistant.close()


class Book:
    """Replaces the register: has one open request."""

    async def status(self, receipt: str) -> RequestStatus | None:
        due = datetime(2026, 12, 20, tzinfo=UTC)
        return RequestStatus("rectification", RequestState.OPEN, due, None) if receipt == ASKED else None


class Counting:
    """Replaces the inbox's limits: counts how often each name was allowed, a message once."""

    def __init__(self) -> None:
        self._times = Counter[str]()
        self._counted = set[str]()

    async def allow(self, name: str, limit: int, seconds: int, *, conversation: str = "", id: str = "") -> bool:
        if id and f"{conversation}:{id}" in self._counted:
            return True
        self._counted.add(f"{conversation}:{id}")
        self._times[name] += 1
        return self._times[name] <= limit


@pytest_asyncio.fixture
async def registering(agency: Agency) -> AsyncIterator[Talk]:
    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa)))
    register = Registering(agency, cast(RequestBook, Book()), cast(Inbox, Counting()), lambda: ASKED)
    rights = Rights(LINKS.address, lambda: RECEIPT, register)
    yield Talk(Turns(agency=agency, assistant=assistant, wait_notice=wait_notice, rights=rights))
    await assistant.close()


def titles(asked: Decision) -> list[str]:
    return [one.title for one in asked.replies[-1].buttons]


async def test_request_gets_a_menu_instead_of_a_person(talk: Talk) -> None:
    asked = await talk.say("borrar mis datos")
    assert asked.handoff is None
    assert [one.title for one in asked.replies[-1].buttons] == [
        "Ver o bajar mis datos",
        "Borrar todo",
        "Pedir una persona",
    ]


@pytest.mark.parametrize("text", ["borrar mis datos", "derecho arco"])
async def test_group_gets_no_menu_since_others_told_things_there(talk: Talk, text: str) -> None:
    told = await talk.say(text, shared=True)
    assert [(one.text, one.buttons) for one in told.replies[-1:]] == [(say("derechos.en_grupo"), ())]


@pytest.mark.parametrize("choice", ["Ver o bajar mis datos", "Borrar todo", "Corregir un dato", "Pedir una persona"])
async def test_choice_of_an_earlier_menu_does_nothing_in_a_group(registering: Talk, choice: str) -> None:
    await registering.say("borrar mis datos")
    if choice not in {"Ver o bajar mis datos", "Borrar todo"}:
        await registering.say("Otra solicitud")
    told = await registering.say(choice, shared=True)
    assert [one.text for one in told.replies] == [say("derechos.en_grupo")]
    assert (told.change.note, told.handoff) == (None, None)


async def test_yes_to_an_erasure_erases_nothing_in_a_group(talk: Talk) -> None:
    await talk.say("borrar mis datos")
    await talk.say("Borrar todo")
    assert (await talk.say("sí", shared=True)).change.erase == ""


async def test_erasing_takes_a_second_yes(talk: Talk) -> None:
    for text in ("borrar mis datos", "Borrar todo"):
        assert (await talk.say(text)).change.erase == ""
    erased = await talk.say("sí")
    assert (erased.change.erase, erased.change.revoke) == (RECEIPT, True)
    assert RECEIPT in erased.replies[-1].text and erased.replies[-1].erasure == RECEIPT


@pytest.mark.parametrize("answer", ["no", "No, dejarlo así", "mejor no", "3"])
async def test_any_other_answer_erases_nothing(talk: Talk, answer: str) -> None:
    await talk.say("borrar mis datos")
    await talk.say("Borrar todo")
    assert (await talk.say(answer)).change.erase == ""
    assert (await talk.say("sí")).change.erase == "" or answer == "3"


async def test_yes_without_the_question_erases_nothing(talk: Talk) -> None:
    assert (await talk.say("sí")).change.erase == ""


async def test_danger_after_the_question_is_answered_as_one(talk: Talk, agency: Agency) -> None:
    await talk.say("borrar mis datos")
    await talk.say("Borrar todo")
    told = await talk.say("me quiero matar")
    assert told.change.erase == ""
    assert told.replies[-2].danger


@pytest.mark.parametrize(
    "words", ["ARCO", "¿Qué sabes de mí?", "ley 21719", "tienen mal mi nombre", "quiero que bloqueen mis datos"]
)
async def test_words_alone_open_the_menu(registering: Talk, words: str) -> None:
    asked = await registering.say(words)
    assert [one.title for one in asked.replies[-1].buttons] == [
        "Ver o bajar mis datos",
        "Borrar todo",
        "Otra solicitud",
    ]


@pytest.mark.parametrize("words", ["vivo en pasaje El Arco 123", "calle Arco Iris 45, depto 2"])
async def test_address_opens_no_menu_over_an_agent(talk: Talk, words: str) -> None:
    attended = Talk(talk.turns, replace(STATE, speaker=Speaker.STAFF, ticket="7"))
    assert (await attended.say(words)).replies == ()


async def test_other_request_gets_a_receipt_a_limit_and_a_person(registering: Talk) -> None:
    for words in ("ARCO", "Otra solicitud"):
        await registering.say(words)
    asked = await registering.say("Corregir un dato")
    note, handoff = asked.change.note, asked.handoff
    assert ASKED in asked.replies[0].text
    assert handoff
    assert handoff.reason is HandoffReason.PRIVACY_REQUEST
    assert note
    facts = note.facts.to_data()
    assert (note.kind, facts["receipt"], facts["request"]) == (EventKind.PRIVACY_REQUESTED, ASKED, "rectification")
    days = (facts["due"] / 1000 - datetime.now(UTC).timestamp()) / 86400
    assert 29 < days < 31.1


@pytest.mark.parametrize(
    ("words", "request_kind"),
    [
        ("corregir mi dirección", "rectification"),
        ("corríjanme el nombre", "rectification"),
        ("bloqueen todo", "blocking"),
        ("bloquear mi tarjeta bip", ""),
        ("corregir mi dirección en el registro social de hogares", ""),
        ("mi dirección", ""),
    ],
)
async def test_short_text_that_begins_like_an_offered_request_chooses_it(
    registering: Talk, words: str, request_kind: str
) -> None:
    assert (await registering.say(words)).change.note is None
    for earlier in ("ARCO", "Otra solicitud"):
        await registering.say(earlier)
    note = (await registering.say(words)).change.note
    assert (note.facts.to_data()["request"] if note else "") == request_kind


@pytest.mark.parametrize(
    ("sure", "is_registered", "reason"),
    [(True, False, HandoffReason.EMERGENCY), (False, True, HandoffReason.PRIVACY_REQUEST)],
)
async def test_words_of_danger_that_choose_a_request_are_answered_as_a_danger(
    registering: Talk, sure: bool, is_registered: bool, reason: HandoffReason
) -> None:
    words = "bloqueen todo ya no quiero estar"

    async def judge(text: str) -> RecognizedDanger | None:
        return RecognizedDanger("suicidio", sure=sure) if text == words else None

    registering.turns.judge = judge
    for earlier in ("ARCO", "Otra solicitud"):
        await registering.say(earlier)
    said = await registering.say(words)
    danger = said.replies[0].danger
    assert danger and said.handoff
    assert (danger.sure, bool(said.change.note), said.handoff.reason) == (sure, is_registered, reason)


EXPLANATION = "Me llamo Rosa O'Higgins, rosa@ejemplo.cl: quiero que borren lo que dije de mi hijo"
NOTED = say("derechos.anotado", comprobante=ASKED)


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_words_after_a_request_explain_it(registering: Talk, speaker: Speaker) -> None:
    for words in ("ARCO", "Otra solicitud", "Bloquear mis datos"):
        await registering.say(words)
    registering.state = replace(registering.state, speaker=speaker, ticket="7", noticed_at=1, rest_announced="7")
    explained = await registering.say(EXPLANATION)
    assert ([one.text for one in explained.replies], explained.handoff) == ([NOTED], None)
    assert explained.change.buttons is not None  # beside an agent, the agent is to read the words, too
    assert NOTED not in [one.text for one in (await registering.say("quiero que borren lo que dije")).replies]


@pytest.mark.parametrize(
    "words", ["ARCO", "mis datos", "hola", "2", ASKED, "borrar mis datos", "muchas gracias", "me quiero matar"]
)
async def test_other_words_after_a_request_leave_the_question_open(registering: Talk, words: str) -> None:
    rights = registering.turns._rights
    assert rights
    rights._is_other = is_courtesy
    registering.state = replace(STATE, ticket="7", to_explain=ASKED)
    said = await registering.say(words)
    assert (NOTED in [one.text for one in said.replies], said.change.to_explain) == (False, None)


async def test_words_without_a_ticket_explain_a_request_only_during_a_block(registering: Talk) -> None:
    """Checks that a request of a blocked citizen, who has no ticket, takes no words after the end of the block."""
    rights, words = registering.turns._rights, "necesito renovar mi licencia"
    assert rights
    registering.state = replace(STATE, to_explain=ASKED)
    assert [one.text for one in (await registering.say(words)).replies] == [f"eco: {words}"]
    message = CitizenMessage("c1", Channel.WEB, "m1", words, at=0)
    told = await rights.decide(message, registering.state, blocked=True)
    assert isinstance(told, Decision) and [one.text for one in told.replies] == [NOTED]


@pytest.mark.parametrize("speaker", [Speaker.ASSISTANT, Speaker.WAITING])
async def test_question_that_an_entry_answers_explains_no_request(registering: Talk, speaker: Speaker) -> None:
    async with sure_answers() as url:
        registering.turns._assistant = replace(registering.turns._assistant, answers=Answers(ActionsEndpoint(url)))
        registering.turns._waiting_turns._assistant = registering.turns._assistant
        waiting = replace(STATE, speaker=speaker, ticket="7", noticed_at=1, rest_announced="7")
        registering.state = replace(waiting, to_explain=ASKED)
        said = await registering.say(QUESTION)
        assert ([one.text for one in said.replies], said.change.to_explain) == ([ANSWER], None)
        other = await registering.say("¿y por qué tienen mal mi apellido?")
        assert [one.text for one in other.replies] == [say("derechos.anotado_pregunta", comprobante=ASKED)]
        await registering.turns._assistant.answers.close()  # type: ignore[union-attr]


def test_answers_about_a_callback_explain_no_request() -> None:
    said, asked = CitizenMessage("c1", Channel.WEB, "m1", EXPLANATION, at=0), replace(STATE, to_explain=ASKED)
    states = asked, STATE, replace(asked, form='{"step": "matter"}')
    assert [bool(explained(said, state, is_courtesy)) for state in states] == [True, False, False]


async def registered(registering: Talk, id: str) -> Decision:
    registering.state = STATE
    for words in ("ARCO", "Otra solicitud"):
        await registering.say(words)
    return await registering.say("Corregir un dato", id)


async def test_turn_that_is_decided_again_counts_its_request_once(registering: Talk) -> None:
    asked = [await registered(registering, "m1") for _ in range(REQUESTS + 1)]
    assert all(one.handoff for one in asked)


async def test_one_conversation_registers_so_many_requests_a_day(registering: Talk) -> None:
    asked = [await registered(registering, f"m{number}") for number in range(REQUESTS + 1)]
    assert [one.handoff is not None for one in asked] == [True] * REQUESTS + [False]
    assert (asked[-1].replies[0].text, asked[-1].change.note) == (say("derechos.muchas", n=REQUESTS), None)


async def test_state_is_given_by_number(registering: Talk) -> None:
    assert "en trámite" in (await registering.say(f"cómo va mi solicitud {ASKED.lower()}")).replies[-1].text
    assert "No encuentro" in (await registering.say("P-22222222")).replies[-1].text


def test_blocking_has_two_working_days_and_the_rest_thirty(agency: Agency) -> None:
    friday = datetime(2026, 12, 4, 12, tzinfo=UTC)  # Tuesday the 8th is a holiday
    assert due_at(RequestKind.BLOCKING, friday, agency.schedule).date().isoformat() == "2026-12-09"
    due = due_at(RequestKind.ACCESS, friday, agency.schedule)
    assert (due.date().isoformat(), extended(due, "UTC").date().isoformat()) == ("2027-01-03", "2027-02-02")


def test_extension_ends_on_its_thirtieth_day_also_after_the_clocks_change(agency: Agency) -> None:
    zone = ZoneInfo(agency.timezone)
    for received, extension_ends in (("2026-07-21", "2026-09-19"), ("2027-02-18", "2027-04-19")):
        at = datetime.fromisoformat(f"{received}T12:00").replace(tzinfo=zone)
        kept = due_at(RequestKind.ACCESS, at, agency.schedule).astimezone(UTC)  # as the database returns it
        assert f"{extended(kept, agency.timezone).astimezone(zone):%Y-%m-%d %H:%M}" == f"{extension_ends} 23:59"


async def test_person_gets_what_the_chat_cannot_do(talk: Talk, agency: Agency) -> None:
    await talk.say("borrar mis datos")
    asked = await talk.say("Pedir una persona")
    assert asked.handoff
    assert (asked.handoff.reason, asked.handoff.team) == (HandoffReason.PRIVACY_REQUEST, agency.default_team)


async def test_link_opens_the_own_conversation_and_no_other_link_does(talk: Talk) -> None:
    await talk.say("borrar mis datos")
    shown = (await talk.say("Ver o bajar mis datos")).replies[-1].text
    token = shown.partition("https://chat.example/mis-datos#")[2].partition(")")[0]
    assert LINKS.open(token) == "c1"
    assert LINKS.open(Addresses("s" * 40).encrypt("file:c1:x")) is None


def test_words_that_an_older_release_left_are_read() -> None:
    older, message = Cipher("s" * 40, PURPOSE), CitizenMessage("c1", Channel.WEB, "m1", "mi fono es 9 8877 6655", at=3)
    stored = json.dumps(message.to_dict() | {"text": "", FIELD: older.encrypt(message.text)})
    words = PendingWords(Words("s" * 40), "s" * 40)
    assert words.messages("c1", [stored, json.dumps(message.to_dict())]) == [message, message]
    foreign = PendingWords(Words("t" * 40), "t" * 40)
    with pytest.raises(WordsDamaged):  # never an empty text, which would be answered and recorded
        foreign.message("c1", stored)
    assert [one.text for one in foreign.shown("c1", [stored])] == [""]  # the agent who attends can still close


async def away(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


@pytest.mark.parametrize("speaker", [Speaker.WAITING, Speaker.STAFF])
async def test_rights_work_while_waiting_attended_and_without_rasa(
    registering: Talk, agency: Agency, speaker: Speaker
) -> None:
    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(away)))
    turns = Turns(agency=agency, assistant=assistant, wait_notice=wait_notice, rights=registering.turns._rights)
    talk = Talk(turns, replace(STATE, speaker=speaker, ticket="7", noticed_at=1, rest_announced="7"))
    assert titles(await talk.say("ARCO")) == ["Ver o bajar mis datos", "Borrar todo", "Otra solicitud"]
    await talk.say("Otra solicitud")
    asked = await talk.say("Corregir un dato")
    assert ASKED in asked.replies[0].text
    assert (asked.handoff, asked.change.cancel_ticket) == (None, False)
    assert asked.change.note
    assert asked.change.note.kind is EventKind.PRIVACY_REQUESTED
    for words in ("borrar mis datos", "Borrar todo"):
        assert (await talk.say(words)).change.erase == ""
    erased = await talk.say("sí")
    assert (erased.change.erase, erased.change.cancel_ticket) == (RECEIPT, True)
    await assistant.close()


@pytest.mark.parametrize(("away", "expected"), [(False, "una obligación legal"), (True, "no podemos revisar")])
@pytest.mark.parametrize("speaker", [Speaker.ASSISTANT, Speaker.WAITING, Speaker.STAFF])
async def test_erasure_under_a_legal_hold_is_only_noted_and_takes_nobody_s_place(
    talk: Talk, speaker: Speaker, away: bool, expected: str
) -> None:
    async def is_held(_conversation: str) -> bool:
        if away:
            raise OSError("no route to PostgreSQL")
        return True

    talk.turns._rights = Rights(LINKS.address, lambda: RECEIPT, is_held=is_held)
    talk.turns._waiting_turns._rights = talk.turns._rights
    talk.turns._endangered = replace(talk.turns._endangered, rights=talk.turns._rights)
    citizen = Talk(talk.turns, replace(STATE, speaker=speaker, ticket="7", noticed_at=1, rest_announced="7"))
    for words in ("derechos arco", "Borrar todo"):
        await citizen.say(words)
    noted = await citizen.say("sí")
    assert expected in noted.replies[0].text and RECEIPT in noted.replies[0].text
    assert (noted.change.erase, noted.change.revoke, noted.change.cancel_ticket) == (RECEIPT, False, False)


async def test_yes_to_the_agent_erases_nothing(talk: Talk) -> None:
    attended = Talk(talk.turns, replace(STATE, speaker=Speaker.STAFF, ticket="7"))
    for words in ("borrar mis datos", "Borrar todo", "espere, le contesto: vivo en Los Aromos"):
        await attended.say(words)
    for words in ("sí", "1"):
        said = await attended.say(words)
        assert (said.replies, said.change.erase, said.change.cancel_ticket) == ((), "", False)


@pytest.mark.parametrize(
    "words", ["mejor después, ¿cómo renuevo la licencia?", "ya", "🙂", "se está quemando mi casa", "auxilio"]
)
async def test_yes_of_a_waiting_citizen_to_another_question_erases_nothing(talk: Talk, words: str) -> None:
    other = Button("Licencias", '/choose_entry{"entry": "licencia"}', "b1")
    waiting = Talk(talk.turns, replace(STATE, speaker=Speaker.WAITING, ticket="7", noticed_at=1, buttons=(other,)))
    for earlier in ("derechos arco", "Borrar todo", words):
        await waiting.say(earlier)
    assert other in waiting.state.buttons
    said = await waiting.say("sí")
    assert (said.change.erase, said.change.cancel_ticket) == ("", False)


async def test_yes_after_the_state_of_a_request_erases_nothing(registering: Talk) -> None:
    for earlier in ("ARCO", "Borrar todo", f"cómo va mi solicitud {ASKED}"):
        await registering.say(earlier)
    assert (await registering.say("sí")).change.erase == ""


async def test_erasure_in_an_emergency_waits_for_the_person(talk: Talk) -> None:
    danger = (KeptDanger("suicidio", sure=True, at=1),)
    waiting = replace(STATE, speaker=Speaker.WAITING, ticket="7", dangers=danger, in_emergency=True)
    urgent = Talk(talk.turns, waiting)
    for words in ("borrar mis datos", "Borrar todo"):
        await urgent.say(words)
    erased = await urgent.say("sí")
    assert (erased.change.erase, erased.change.cancel_ticket) == (RECEIPT, False)
    assert "apenas termine esta atención" in erased.replies[-1].text and erased.replies[-1].erasure == RECEIPT


async def test_new_citizen_in_danger_who_asks_for_their_data_is_welcomed_once(talk: Talk, agency: Agency) -> None:
    async def sees_danger(_text: str) -> RecognizedDanger:
        return RecognizedDanger("medica", sure=True)

    talk.turns.judge = sees_danger
    said = await Talk(talk.turns, replace(STATE, welcomed=False)).say("ARCO")
    assert [one.text for one in said.replies].count(agency.say("bienvenida")) == 1
