"""Tests the client of Rasa: responses are parsed, silence is an error, and no text acts as a command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from bot.conversation.dialogue import Dialogue
from bot.conversation.event_log_entry import event_of
from bot.conversation.unheard import UnheardTurn
from bot.core.errors.rasa import RasaSilent, RasaUnavailable
from bot.core.messages import (
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    Reply,
    Source,
)
from bot.core.payload import Payload
from bot.metrics.measures import REGISTRY
from bot.text.masking.masking import masked
from bot.turns.outcome import Turn
from bot.turns.rasa_client import ANSWER_TIMEOUT_S, Asker, Rasa, TimeLeft, harmless, turn_from
from tests.dripping import dripping


def answering(response: httpx.Response | Exception) -> Rasa:
    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(response, Exception):
            raise response
        return response

    return Rasa("http://rasa", patience_s=0, transport=httpx.MockTransport(handle))


def told(text: str) -> CitizenMessage:
    return CitizenMessage("c", Channel.WEB, "1", text, 0)


TOLD = UnheardTurn("¿hay hora?", Channel.WEB, (Payload("Sí."),), at=5_000, begins=True)


async def test_turns_are_sent_to_rasa_in_the_form_of_its_own_events() -> None:
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200 if len(asked) == 1 else 500)

    rasa = Rasa("http://rasa", token="secret", transport=httpx.MockTransport(handle))
    await rasa.record("c1", [TOLD, replace(TOLD, begins=False)])
    assert str(asked[0].url) == "http://rasa/conversations/c1/tracker/events?include_events=NONE&token=secret"
    events = json.loads(asked[0].content)
    turn = ["user", "action", "bot", "action"]
    assert [event["event"] for event in events] == ["action", "session_started", "action", *turn, *turn]
    assert {event["timestamp"] for event in events} == {5.0}
    with pytest.raises(RasaUnavailable):
        await rasa.record("c1", [TOLD])


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/restart", "restart"),
        ("  //x", "x"),
        ("\u2003/\u00a0/greet", "greet"),
        ("1/2 kilo", "1/2 kilo"),
        ("/", ""),
        ("hola /x", "hola /x"),
    ],
)
def test_leading_slashes_and_blanks_are_stripped(typed: str, sent: str) -> None:
    assert harmless(typed) == sent


def test_plain_and_our_own_messages_become_one_turn() -> None:
    turn = turn_from(
        [
            {"recipient_id": "c", "text": "Hola", "buttons": [{"title": "Persona", "payload": "/ask_human"}]},
            {
                "recipient_id": "c",
                "custom": {
                    "ventanilla": {
                        "text": "Así",
                        "source": {"title": "Registro Civil", "url": "https://x"},
                        "handoff": {
                            "reason": "complaint",
                            "priority": "high",
                            "team": "obras",
                            "candidates": [{"entry": "bache", "question": "¿?", "confidence": 0.2}],
                        },
                    }
                },
            },
        ]
    )
    assert replace(turn, said=()) == Turn(
        (Reply("Hola", (Button("Persona", "/ask_human"),)), Reply("Así", source=Source("Registro Civil", "https://x"))),
        Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "obras", (Candidate("bache", "¿?", 0.2),)),
    )


async def test_rasa_gets_the_channel_and_the_commune() -> None:
    asked: list[dict[str, object]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, json=[{"text": "Hola"}])

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    await rasa.say(Asker("c", Channel.WHATSAPP, {"comuna": "otra-comuna", "idioma": "ht", "segmento": "x"}), "/hola")
    await rasa.press(Asker("c", Channel.WEB, dialogue=Dialogue()), "/ask_human")
    await rasa.say(Asker("c", Channel.WEB, resumed="poda", certainty=0.95), "hola, /restart")
    assert asked == [
        {
            "sender": "c",
            "message": "hola",
            "metadata": {"channel": "whatsapp", "comuna": "otra-comuna", "idioma": "ht"},
        },
        {"sender": "c", "message": "/ask_human", "metadata": {"channel": "web", "dialogue": []}},
        {"sender": "c", "message": "restart", "metadata": {"channel": "web", "resumed": "poda", "certainty": 0.95}},
    ]


async def test_thanks_before_a_question_are_hidden_from_rasa() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["message"])
        return httpx.Response(200, json=[{"text": "Hola"}])

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    await rasa.say(Asker("c", Channel.WEB), "gracias, ¿y cuánto cuesta?")
    assert asked == ["¿y cuánto cuesta?"]


def test_referral_is_kept_with_its_reply() -> None:
    [reply] = turn_from([{"custom": {"ventanilla": {"text": "Lo ve otro.", "referral": "divorcio"}}}]).replies
    assert (reply.referral, json.loads(event_of(reply)["data"])) == ("divorcio", {"referral": "divorcio"})


@pytest.mark.parametrize("body", ["[]", "{}", "nonsense", '[{"custom": {"other": 1}}]', '[{"text": {"a": 1}}]'])
async def test_silence_and_invalid_responses_are_errors(body: str) -> None:
    with pytest.raises(RasaSilent):
        await answering(httpx.Response(200, text=body)).say(Asker("c", Channel.WEB), "hola")


@pytest.mark.parametrize("trouble", [httpx.Response(500), httpx.ConnectError("no"), httpx.ReadTimeout("late")])
async def test_unreachable_or_late_rasa_is_unavailable(trouble: httpx.Response | Exception) -> None:
    with pytest.raises(RasaUnavailable):
        await answering(trouble).say(Asker("c", Channel.WEB), "hola")


async def test_rasa_that_answers_byte_by_byte_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSWER_TIMEOUT_S", "PARSE_TIMEOUT_S"):
        monkeypatch.setattr(f"bot.turns.rasa_client.{name}", 0.5)
    async with dripping() as url:
        rasa = Rasa(url)
        with pytest.raises(RasaUnavailable):
            await rasa.say(Asker("c", Channel.WEB), "hola")
        with pytest.raises(RasaUnavailable):
            await rasa.record("c", [TOLD])
        assert await rasa.intent(told("mis datos")) == ""
        await rasa.close()


async def test_request_takes_from_the_time_left_for_the_message() -> None:
    async def handle(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.05)
        return httpx.Response(200, json={"intent": {"name": "ask_faq"}})

    left = TimeLeft()
    assert await Rasa("http://rasa", transport=httpx.MockTransport(handle)).intent(told("hola"), left) == "ask_faq"
    assert left.seconds <= ANSWER_TIMEOUT_S - 0.05


async def test_all_attempts_at_a_turn_share_the_time_left_for_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turns.rasa_client.PAUSE_S", 0.01)
    attempts = 0

    async def handle(_request: httpx.Request) -> httpx.Response:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.15)
        raise httpx.ReadError("killed")

    left = TimeLeft(0.4)
    with pytest.raises(RasaUnavailable):
        await Rasa("http://rasa", transport=httpx.MockTransport(handle)).say(Asker("c", Channel.WEB), "hola", left)
    assert left.seconds <= 0 and attempts <= 3


async def test_no_request_takes_longer_than_the_time_left_for_the_message() -> None:
    async def handle(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.5)
        is_turn = request.url.path.startswith("/webhooks")
        return httpx.Response(200, json=[{"text": "Hola"}] if is_turn else {"intent": {"name": "ask_faq"}})

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    assert await rasa.intent(told("hola"), TimeLeft(0.05)) == ""
    with pytest.raises(RasaUnavailable):
        await rasa.record("c", [TOLD], TimeLeft(0.05))
    for ask in (rasa.say, rasa.press):
        with pytest.raises(RasaUnavailable):
            await ask(Asker("c", Channel.WEB), "hola", TimeLeft(0.05))


async def test_rasa_that_cannot_classify_is_logged_with_the_conversation() -> None:
    with capture_logs() as logs:
        await answering(httpx.Response(500)).intent(told("hola"))
    assert [(line["event"], line["conversation"]) for line in logs] == [("rasa: intent unknown", "c")]


async def test_classifying_is_a_stage_of_its_own() -> None:
    def stages() -> tuple[float | None, ...]:
        count = "ventanilla_stage_seconds_count"
        return tuple(REGISTRY.get_sample_value(count, {"stage": stage}) for stage in ("intent", "rasa"))

    intents, turns = stages()
    assert await answering(httpx.Response(200, json={"intent": {"name": "ask_faq"}})).intent(told("hola"))
    assert stages() == ((intents or 0) + 1, turns)


async def test_rasa_gets_no_number_with_a_question_for_the_intent() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["text"])
        return httpx.Response(200, json={"intent": {"name": "delete_my_data"}})

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    assert await rasa.intent(told("/borra mis datos, mi rut es 12.345.678-5")) == "delete_my_data"
    assert asked == [masked("borra mis datos, mi rut es 12.345.678-5")]
    assert "345" not in asked[0]
