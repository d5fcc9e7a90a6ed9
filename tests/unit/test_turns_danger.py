"""Tests dangers without a known phrase: recognised for every speaker, and never at the cost of losing a message."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from actions.routes import MAX_CHARACTERS
from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import (
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    Provenance,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.crisis.emergency import confirmation, find
from bot.handoff.complaints.words import is_only_place
from bot.turns.assistant import Assistant
from bot.turns.buttons import pressed
from bot.turns.danger import DangerNotices
from bot.turns.dangers.judge import MOST_PIECES, DangerJudge, pieces_of
from bot.turns.dangers.judged import is_judged
from bot.turns.emergency import LONG_TEXT, cannot_wait
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa, turn_of
from bot.turns.turns import Turns
from tests.dripping import dripping

STROKE = "a mi abuela se le fue un lado de la cara y no puede armar las palabras"
FAREWELL = "adiós a todos, ya no los molesto más"
SURE, POSSIBLE = RecognizedDanger("medica", sure=True), RecognizedDanger("suicidio", sure=False)
TOLD = {STROKE: SURE, FAREWELL: POSSIBLE}
IDIOM = "me dio un infarto cuando vi la cuenta"  # has a phrase
CALL_ME = Button("Que me llamen", "/callback", "b2")
LICENCE = Candidate("licencia", "¿?", 0.1)
PROOF = {"entry": "e", "version": "v", "question": "¿?", "confidence": 0.9}
Take = Callable[..., Any]


def answer(request: httpx.Request) -> httpx.Response:
    """Simulates Rasa: answers with small talk, or for certain texts with an entry's answer or a handoff."""
    said = json.loads(request.content)["message"]
    others: dict[str, dict[str, Any]] = {
        "¿cuánto vale?": {"text": "Vale 10.", "provenance": PROOF},
        "mi mamá": {"text": "De eso no sé.", "missed": True},
        "que me corté": {"text": "¿Estás bien?", "danger": {"kind": "suicidio", "sure": False}},
        "persona": {"text": "Te dejo con alguien.", "handoff": {"reason": "asked_human"}},
    }
    return httpx.Response(200, json=[{"custom": {"ventanilla": others.get(said, {"text": "¡Que te vaya muy bien!"})}}])


class Judged:
    """A danger classifier that knows TOLD, or finds ``always``; records the texts."""

    def __init__(self, always: RecognizedDanger | None = None) -> None:
        self.asked: list[str] = []
        self.always = always

    async def __call__(self, text: str) -> RecognizedDanger | None:
        self.asked.append(text)
        return self.always or TOLD.get(text)


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar 1")


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(answer))

    async def taken(
        text: str,
        speaker: Speaker,
        judge: Judged,
        *,
        buttons: tuple[Button, ...] = (),
        button: str | None = None,
        dangers: tuple[KeptDanger, ...] = (),
        complaints: Any = None,
        known: Mapping[str, str] | None = None,
    ) -> Decision:
        rules = WaitingRules(position_notice=place, complaints=complaints)
        turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules, judge=judge)
        ticket = None if speaker is Speaker.ASSISTANT else "7"
        now_ms = int(time.time() * 1000)
        state = ConversationState(True, Channel.WEB, speaker, ticket, True, buttons, now_ms, "7", dangers=dangers)
        state = replace(state, known=known or {})
        return await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0, button=button), state)

    yield taken
    await rasa.close()


def test_example_sentences_contain_no_emergency_phrase() -> None:
    assert [find(text) for text in TOLD] == [None, None]


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_sure_danger_gets_its_number_and_top_priority(agency: Agency, take: Take, speaker: Speaker) -> None:
    decision = await take(STROKE, speaker, Judged())
    assert (decision.replies[0].text, decision.replies[0].danger) == (agency.emergencies["medica"], SURE)
    priority = decision.handoff.priority if decision.handoff else decision.change.escalate_to
    assert priority is Priority.EMERGENCY


@pytest.mark.parametrize("speaker", list(Speaker))
@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "blood"), ("en", "she have pain"), ("en", "stroke"), ("pt", "sangue"), ("ht", "doulè")],
)
async def test_word_of_a_danger_in_the_citizens_language_gets_the_line(
    take: Take, speaker: Speaker, language: str, text: str
) -> None:
    decision = await take(text, speaker, Judged(), known={"idioma": language})
    assert decision.replies[0].danger == RecognizedDanger("medica", sure=False)


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "blood"), ("", "pain"), ("en", "blood test"), ("en", "no pain"), ("en", "fire station"), ("pt", "pain"),
     ("en", "I have back pain since last week"), ("en", "they fire me"), ("ht", "dife wouj la")],
)  # fmt: skip
async def test_word_of_a_danger_in_another_context_gets_no_line(take: Take, language: str, text: str) -> None:
    decision = await take(text, Speaker.WAITING, Judged(), known={"idioma": language} if language else {})
    assert not any(reply.danger for reply in decision.replies)


@pytest.mark.parametrize("speaker", [Speaker.WAITING, Speaker.STAFF])
async def test_possible_danger_gets_one_line_and_its_button(agency: Agency, take: Take, speaker: Speaker) -> None:
    decision = await take(FAREWELL, speaker, Judged(), buttons=(CALL_ME,))
    (line,) = decision.replies
    assert (line.text, line.danger, decision.change.escalate_to) == (
        agency.emergency_notices["suicidio"],
        POSSIBLE,
        None,
    )
    confirm = Button("Es una emergencia", confirmation("suicidio"), "danger-suicidio")
    assert (line.buttons, decision.change.buttons) == ((confirm,), (confirm, CALL_ME))


@pytest.mark.parametrize(("ago_ms", "lines"), [(60_000, 0), (4 * 60_000, 1)])
@pytest.mark.parametrize("speaker", [Speaker.WAITING, Speaker.STAFF])
async def test_possible_danger_of_one_kind_is_warned_of_once_in_a_while(
    take: Take, speaker: Speaker, ago_ms: int, lines: int
) -> None:
    at = int(time.time() * 1000) - ago_ms
    known = (KeptDanger("suicidio", False, at), KeptDanger("gas", False, int(time.time() * 1000)))
    assert len((await take(FAREWELL, speaker, Judged(), dangers=known)).replies) == lines


async def test_who_lost_somebody_reads_sympathy_and_no_small_talk(agency: Agency, take: Take) -> None:
    lost = "se me murió mi mamá ayer"
    decision = await take(lost, Speaker.ASSISTANT, Judged())
    assert [one.text for one in decision.replies] == [agency.say("condolencia"), agency.say("sigue_contando")]
    warned = await take(lost, Speaker.ASSISTANT, Judged(POSSIBLE))
    assert agency.say("condolencia") not in [one.text for one in warned.replies]


async def test_farewell_is_not_answered_with_small_talk(agency: Agency, take: Take) -> None:
    decision = await take(FAREWELL, Speaker.ASSISTANT, Judged())
    assert [reply.text for reply in decision.replies] == [agency.emergency_notices["suicidio"]]
    assert [button.title for button in decision.replies[0].buttons] == [
        agency.say("boton_emergencia"),
        agency.say("boton_persona"),
    ]
    assert decision.handoff is None


async def test_handoff_of_small_talk_stays_below_the_line_about_a_danger(take: Take) -> None:
    decision = await take("persona", Speaker.ASSISTANT, Judged(POSSIBLE))
    assert [reply.danger for reply in decision.replies] == [POSSIBLE, None, None]
    assert decision.handoff.reason is HandoffReason.ASKED_HUMAN


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_doubted_phrase_gets_only_the_line_about_a_danger(agency: Agency, take: Take, speaker: Speaker) -> None:
    decision = await take(IDIOM, speaker, Judged(RecognizedDanger("medica", sure=False)))
    assert [one.text for one in decision.replies if one.danger] == [agency.emergency_notices["medica"]]
    assert (decision.handoff, decision.change.escalate_to) == (None, None)


@pytest.mark.parametrize("speaker", list(Speaker))
@pytest.mark.parametrize("judge", [Judged(), Judged(SURE)])
async def test_phrase_counts_unless_it_is_doubted(agency: Agency, take: Take, speaker: Speaker, judge: Judged) -> None:
    decision = await take(IDIOM, speaker, judge)
    assert decision.replies[0].text == agency.emergencies["medica"]


class DoubtingOnce:
    """A classifier that finds a possible danger in the first text, and nothing afterwards, like one that fails."""

    def __init__(self) -> None:
        self.answers: list[RecognizedDanger | None] = [RecognizedDanger("medica", sure=False)]

    async def __call__(self, text: str) -> RecognizedDanger | None:
        return self.answers.pop() if self.answers else None


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_doubted_phrase_gets_its_line_if_the_classifier_has_failed_since(
    agency: Agency, take: Take, speaker: Speaker
) -> None:
    decision = await take(IDIOM, speaker, DoubtingOnce())
    assert [one.text for one in decision.replies if one.danger] == [agency.emergency_notices["medica"]]


@pytest.mark.parametrize(
    ("text", "judge"),
    [
        ("strong gas smell, olor a gas", Judged()),
        (f"{IDIOM} {'a' * LONG_TEXT}", Judged(RecognizedDanger("gas", sure=False))),
    ],
)
async def test_phrase_counts_without_the_classifier_and_in_a_text_that_it_does_not_read(
    take: Take, text: str, judge: Judged
) -> None:
    decision = await take(text, Speaker.ASSISTANT, judge)
    assert decision.replies[0].danger and decision.replies[0].danger.sure


@pytest.mark.parametrize("text", ["auxilio", "help! help, please!", "sekou, ede mwen tanpri"])
@pytest.mark.parametrize("speaker", list(Speaker))
async def test_cry_for_help_gets_the_numbers_without_the_classifier(
    agency: Agency, take: Take, speaker: Speaker, text: str
) -> None:
    decision = await take(text, speaker, Judged())
    assert [one.text for one in decision.replies if one.danger] == [agency.emergency_notice("general")]


class AsksWhere:
    """A dialogue about a complaint that has asked for the place, and accepts every text as the place."""

    def is_open(self, _state: ConversationState) -> bool:
        return True

    def asks_what(self, _state: ConversationState) -> bool:
        return False

    def gives_place(self, message: CitizenMessage, _state: ConversationState) -> bool:
        return is_only_place(message.text)

    async def decide(self, *_: object) -> Decision:
        return Decision((Reply("¿Tienes fotos?"),))


@pytest.mark.parametrize(
    ("text", "danger"),
    [("Av. Los Carrera con Prat", None), ("auxilio", "general"), ("me dio un infarto cuando vi la cuenta", "medica")],
)
async def test_cry_or_doubted_phrase_instead_of_the_place_of_a_complaint_gets_the_line(
    take: Take, text: str, danger: str | None
) -> None:
    judge = Judged(RecognizedDanger(danger or "gas", sure=False))
    decision = await take(text, Speaker.ASSISTANT, judge, complaints=AsksWhere())
    assert [one.danger.kind for one in decision.replies if one.danger] == ([danger] if danger else [])
    assert decision.replies[-1].text == "¿Tienes fotos?"


async def test_phrase_about_suicide_is_never_doubted(agency: Agency, take: Take) -> None:
    decision = await take("me quiero matar", Speaker.ASSISTANT, Judged(POSSIBLE))
    assert decision.replies[0].text == agency.emergencies["suicidio"]


@pytest.mark.parametrize(("text", "asked"), [("¿cuánto vale?", []), ("chao", ["chao"]), ("me quiero matar", [])])
async def test_message_is_judged_once(take: Take, text: str, asked: list[str]) -> None:
    judge = Judged()
    await take(text, Speaker.ASSISTANT, judge)
    assert judge.asked == asked


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_buttons_are_not_judged(take: Take, speaker: Speaker) -> None:
    judge = Judged()
    await take("Que me llamen", speaker, judge, buttons=(CALL_ME,), button="b2")
    assert judge.asked == []


@pytest.mark.parametrize("title", ["Se está quemando mi casa", IDIOM])
@pytest.mark.parametrize("button", ["b1", None])
@pytest.mark.parametrize("speaker", list(Speaker))
async def test_title_of_a_chosen_entry_is_no_danger(
    take: Take, speaker: Speaker, button: str | None, title: str
) -> None:
    assert find(title)
    judge, entry = Judged(POSSIBLE), Button(title, '/choose_entry{"entry": "incendios"}', "b1")
    assert not cannot_wait(CitizenMessage("c1", Channel.WEB, "m1", title, at=0, button=button), (entry,))
    decision = await take(title, speaker, judge, buttons=(entry,), button=button)
    assert [one for one in decision.replies if one.danger] == []
    assert (decision.handoff, decision.change.escalate_to, judge.asked) == (None, None, [])


@pytest.mark.parametrize("speaker", list(Speaker))
@pytest.mark.parametrize(("pressed", "kind"), [("danger-gas", "gas"), ("danger-of_no_such_kind", "general")])
async def test_button_confirms_however_old_it_is(
    agency: Agency, take: Take, speaker: Speaker, pressed: str, kind: str
) -> None:
    decision = await take("Es una emergencia", speaker, Judged(), button=pressed)
    assert (decision.replies[0].text, decision.replies[0].danger) == (
        agency.emergencies[kind],
        RecognizedDanger(kind, sure=True),
    )
    assert cannot_wait(CitizenMessage("c1", Channel.WEB, "m1", "", at=0, button=pressed), ())


@pytest.mark.parametrize(
    ("said", "judged"),
    [
        (Payload("¡Hola!"), False),
        (Payload("¡Hola!", (Button("Persona", "/ask_human"),)), False),
        (Payload("Te dejo con alguien.", handoff=Handoff(HandoffReason.ASKED_HUMAN)), False),
        (Payload("¿Cuál?", candidates=(LICENCE,)), True),
        (Payload("Vale 10.", provenance=Provenance(**PROOF)), True),  # type: ignore[arg-type]
        (Payload("Lo ve otro.", referral="bip"), True),
        (Payload("¿Eres estudiante?", asks=LICENCE), True),
        (Payload("132", danger=SURE), True),
        (Payload("No sé.", handoff=Handoff(HandoffReason.LOW_CONFIDENCE, candidates=(LICENCE,))), True),
    ],
)
def test_turn_of_the_answerer_counts_as_judged(said: Payload, judged: bool) -> None:
    assert is_judged(turn_of([said]), "¿cuánto vale?") is judged


@pytest.mark.parametrize(("judged", "told"), [(SURE, SURE), (POSSIBLE, POSSIBLE), (None, POSSIBLE)])
async def test_danger_of_a_whole_correction_counts_if_it_is_sure(
    take: Take, judged: RecognizedDanger | None, told: RecognizedDanger
) -> None:
    decision = await take("quise decir que me corté", Speaker.ASSISTANT, Judged(judged))
    assert next(one.danger for one in decision.replies if one.danger) == told
    assert (decision.handoff is not None) is told.sure


@pytest.mark.parametrize("sure", [True, False])
async def test_danger_in_thanks_that_rasa_does_not_get_is_found(agency: Agency, take: Take, sure: bool) -> None:
    judge = Judged(RecognizedDanger("medica", sure=sure))
    decision = await take("gracias por nada mi vieja está morada, ¿cuánto vale?", Speaker.ASSISTANT, judge)
    told = [agency.emergencies["medica"], agency.say("emergencia_pregunta")]
    assert [one.text for one in decision.replies] == (
        told if sure else [agency.emergency_notices["medica"], "Vale 10."]
    )


def judge_of(answer: Callable[[httpx.Request], httpx.Response]) -> DangerJudge:
    return DangerJudge(ActionsEndpoint("http://actions"), transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("body", "danger"), [({"danger": {"kind": "medica", "sure": True}}, SURE), ({"danger": None}, None)]
)
async def test_action_server_is_asked_for_the_text(body: dict[str, Any], danger: RecognizedDanger | None) -> None:
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json=body)

    judge = judge_of(answer)
    assert [await judge.judge(STROKE), await judge.judge("  ")] == [danger, None]
    assert asked == [("/danger", {"text": STROKE})]
    await judge.close()


def answer_as_the_action_server(request: httpx.Request) -> httpx.Response:
    """Finds the dangers of TOLD in as much of the text as the action server reads."""
    read = json.loads(request.content)["text"][:MAX_CHARACTERS]
    found = next((danger for told, danger in TOLD.items() if told in read), None)
    return httpx.Response(200, json={"danger": found.to_data() if found else None})


@pytest.mark.parametrize("before", [0, 900, 990, 1001, 1790, 1930, 3990])
async def test_danger_late_in_a_long_text_is_found(before: int) -> None:
    filler = "primero le cuento de mi permiso " * 130
    judge = judge_of(answer_as_the_action_server)
    assert await judge.judge(f"{filler[:before]} {STROKE} {filler[: 3990 - before]}") == SURE
    assert await judge.judge(f"{FAREWELL} {filler[:before]} {STROKE}") == SURE  # the worst counts
    assert await judge.judge(f"{filler[:before]} {FAREWELL}") == POSSIBLE
    await judge.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hola",
        " ".join(f"palabra{n}" for n in range(300)),
        "\n".join(f"p{n}" for n in range(800)),
        f"hola{' ' * 3000}chao",
    ],
)
def test_pieces_have_whole_words_and_leave_out_none(text: str) -> None:
    pieces = pieces_of(text)
    assert {word for piece in pieces for word in piece.split()} == set(text.split())
    assert (len(pieces) <= MOST_PIECES, max(map(len, pieces)) <= MAX_CHARACTERS) == (True, True)


async def test_pieces_before_a_failure_count() -> None:
    answers = [httpx.Response(200, json={"danger": POSSIBLE.to_data()}), httpx.Response(500)]
    judge = judge_of(lambda _request: answers.pop(0))
    assert (await judge.judge("mi permiso " * 180), answers) == (POSSIBLE, [])
    await judge.close()


async def test_failing_action_server_is_logged_once_until_it_works_again() -> None:
    answers = [500, "gone", 500, "rubbish", 200, 500]

    def answer(_request: httpx.Request) -> httpx.Response:
        found = answers.pop(0)
        if found == "gone":
            raise httpx.ConnectError("gone")
        return httpx.Response(200, json=[]) if found == "rubbish" else httpx.Response(int(found), json={"danger": None})

    judge = judge_of(answer)
    with capture_logs() as lines:
        assert [await judge.judge("hola") for _ in range(6)] == [None] * 6
    assert [line["error"] for line in lines] == ["HTTPStatusError", "HTTPStatusError"]
    await judge.close()


async def test_action_server_that_answers_byte_by_byte_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turns.dangers.judge.TIMEOUT_S", 0.5)
    async with dripping() as url:
        judge = DangerJudge(ActionsEndpoint(url))
        assert await judge.judge(STROKE) is None
        await judge.close()


async def test_without_an_address_the_action_server_is_not_asked() -> None:
    judge = DangerJudge(ActionsEndpoint(""))
    assert await judge.judge(STROKE) is None
    await judge.close()


def test_line_about_a_possible_danger_does_not_shift_the_numbers_of_the_choices(agency: Agency) -> None:
    decision = Decision((Reply("¿Te llamamos?", (CALL_ME,)),), Change(buttons=(CALL_ME,)))
    state = ConversationState(True, Channel.WHATSAPP, Speaker.WAITING, None, True, (), 0)
    after = DangerNotices(agency).over("suicidio", decision, state)
    written = CitizenMessage("c", Channel.WHATSAPP, "m", "1", at=0)
    assert after.change.buttons and pressed(written, after.change.buttons) == CALL_ME


async def test_fragment_that_may_be_a_danger_does_not_wait_for_its_rest(take: Take) -> None:
    found = [await take("mi mamá", Speaker.ASSISTANT, Judged(always)) for always in (None, POSSIBLE, SURE)]
    assert [one.may_go_on for one in found] == [True, False, False]
