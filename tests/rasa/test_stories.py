"""Tests whole conversations with a real Rasa: intents, actions and what the citizen reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from actions.replies.audience import statement
from bot.conversation.unheard import UnheardTurn
from bot.core.errors.rasa import RasaSilent
from bot.core.messages import Channel, CitizenMessage, HandoffReason
from bot.core.payload import Payload
from bot.core.yaml import read_yaml_file
from bot.turns.assistant import Assistant
from bot.turns.outcome import Turn
from bot.turns.rasa_client import TOKEN_HEADER, Rasa
from tests.eventually import PATIENCE_S
from tests.rasa.speaking import RASA, TOKEN, SpeakingRasa, same_question

STORIES = Path(__file__).with_name("stories")
CHOICES = "necesito pagar un permiso de circulación"
QUESTION = "¿Cómo renuevo mi licencia de conducir?"

pytestmark = pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")


def stories() -> list[dict[str, Any]]:
    files = sorted(STORIES.glob("test_*.yml"))
    return [story for file in files for story in read_yaml_file(file)["stories"]]


async def converse(rasa: SpeakingRasa, *said: str, channel: Channel = Channel.WEB) -> list[Turn]:
    """Sends each message and returns the answers; checks that a pressed button was offered."""
    conversation = uuid4().hex
    turns: list[Turn] = []
    for words in said:
        if words.startswith("/"):
            assert words in [button.payload for reply in turns[-1].replies for button in reply.buttons]
        turns.append(await rasa.say(conversation, words, channel))
    return turns


@pytest.mark.parametrize("story", stories(), ids=lambda story: story["story"])
async def test_story_is_understood_and_answered(rasa: SpeakingRasa, story: dict[str, Any]) -> None:
    conversation = uuid4().hex
    for step in story["steps"]:
        if "user" in step:
            turn = await rasa.say(conversation, step["user"].strip())
            assert turn.replies or turn.handoff
    expected = [same_question(step["intent"]) if "user" in step else step["action"] for step in story["steps"]]
    assert rasa.done(conversation) == expected


async def test_messages_without_the_token_are_refused(rasa: SpeakingRasa) -> None:
    message = {"sender": uuid4().hex, "message": "hola"}
    for headers in ({}, {TOKEN_HEADER: "otro"}):
        async with httpx.AsyncClient(base_url=rasa.url, headers=headers, timeout=PATIENCE_S) as client:
            assert (await client.post("/webhooks/rest/webhook", json=message)).status_code == 403
            assert (await client.get("/version")).status_code == 200


async def test_failing_action_says_nothing_and_no_log_has_the_citizens_message(rasa: SpeakingRasa) -> None:
    conversation = uuid4().hex
    await rasa.say(conversation, "la licencia de Xilofonia")
    with pytest.raises(RasaSilent):
        await rasa.say(conversation, '/choose_entry{"entry": "the scripted FAQ has no such entry"}')
    written = "".join(log.read_text(encoding="utf-8") for log in rasa.logs)
    assert "action_choose_entry" in written
    assert "Xilofonia" not in written


async def test_intent_without_a_rule_is_silent(rasa: SpeakingRasa) -> None:
    conversation = uuid4().hex
    with pytest.raises(RasaSilent):
        await rasa.say(conversation, "/out_of_scope")  # one of Rasa's own
    assert rasa.done(conversation) == ["out_of_scope"]


async def test_question_is_answered_with_source_and_provenance(rasa: SpeakingRasa) -> None:
    [turn] = await converse(rasa, QUESTION)
    [reply] = turn.replies
    assert reply.provenance and reply.source
    assert (reply.text, reply.provenance.entry) == ("Así es licencia-renovar.", "licencia-renovar")


async def test_rasas_own_tracker_is_the_memory_where_it_runs_alone(rasa: SpeakingRasa) -> None:
    conversation = uuid4().hex
    await rasa.say_alone(conversation, QUESTION)
    turn = await rasa.say_alone(conversation, "¿y cuánto cuesta?")
    assert [reply.provenance.entry for reply in turn.replies if reply.provenance] == ["licencia-renovar"]


async def test_turns_decided_without_rasa_are_in_its_tracker_in_their_order(rasa: SpeakingRasa) -> None:
    conversation, speaker = uuid4().hex, Rasa(rasa.url, token=TOKEN)
    answer = Payload("Así es licencia-renovar.")
    turns = [UnheardTurn(text, Channel.WEB, (answer,), 1_000, begins=text == "uno") for text in ("uno", "dos")]
    await speaker.record(conversation, turns)
    await speaker.close()
    await rasa.say(conversation, "gracias")
    assert rasa.done(conversation) == ["question", "action_answer_faq"] * 2 + ["thank", "utter_thank"]
    assert rasa.said(conversation)[:2] == [answer.to_data()] * 2


async def test_choices_are_clicked_confirmed_by_yes_or_refused(rasa: SpeakingRasa) -> None:
    _, clicked = await converse(rasa, CHOICES, '/choose_entry{"entry": "permiso-circulacion"}')
    assert clicked.replies[0].provenance and clicked.replies[0].provenance.entry == "permiso-circulacion"
    _, which = await converse(rasa, CHOICES, "sí")
    assert len(which.replies[0].buttons) == 3
    for refusal in ("/none_of_these", "no"):
        _, refused = await converse(rasa, CHOICES, refusal)
        assert refused.handoff and refused.handoff.reason is HandoffReason.NONE_OF_THESE
        assert len(refused.handoff.candidates) == 2


@pytest.mark.parametrize(("first", "second"), [("cuéntame un chiste", "cántame una canción"), ("eres un inútil",) * 2])
async def test_second_miss_in_a_row_opens_a_ticket(rasa: SpeakingRasa, first: str, second: str) -> None:
    missed, again, _ = await converse(rasa, first, second, "gracias")
    assert missed.handoff is None
    assert "/ask_human" in [button.payload for button in missed.replies[0].buttons]
    assert again.handoff and again.handoff.reason is HandoffReason.LOW_CONFIDENCE


async def test_referral_is_no_answer_and_offers_a_person(rasa: SpeakingRasa) -> None:
    referred, person = await converse(rasa, "quiero divorciarme, ¿qué tengo que hacer?", "/ask_human")
    [reply] = referred.replies
    assert (reply.referral, reply.provenance, reply.source, referred.handoff) == ("divorcio", None, None, None)
    assert person.handoff and person.handoff.reason is HandoffReason.ASKED_HUMAN


@pytest.mark.parametrize("between", [(), ("quiero hablar con una persona",)])
async def test_follow_up_answer_names_its_topic(rasa: SpeakingRasa, between: tuple[str, ...]) -> None:
    *_, followed = await converse(rasa, QUESTION, *between, "¿y cuánto cuesta el trámite?")
    assert followed.replies[0].text.startswith("Sobre «¿Y licencia-renovar?»:\n\nAsí es")


async def test_follow_up_to_a_handoff_has_no_context(rasa: SpeakingRasa) -> None:
    _, _, cold = await converse(rasa, QUESTION, "quiero poner un reclamo", "¿y cuánto cuesta el trámite?")
    assert cold.handoff and cold.handoff.reason is HandoffReason.LOW_CONFIDENCE


async def test_entry_chosen_by_its_button_accepts_follow_ups(rasa: SpeakingRasa) -> None:
    click = '/choose_entry{"entry": "permiso-circulacion"}'
    *_, followed = await converse(rasa, CHOICES, click, "¿y cuánto cuesta el trámite?")
    assert followed.replies[0].text.startswith("Sobre «¿Y permiso-circulacion?»:")


async def test_two_questions_get_two_answers(rasa: SpeakingRasa) -> None:
    [turn] = await converse(rasa, "necesito renovar la licencia de conducir y pagar la patente del negocio")
    assert [reply.provenance and reply.provenance.entry for reply in turn.replies] == ["licencia-renovar", "patente"]


async def test_answer_may_depend_on_the_channel(rasa: SpeakingRasa) -> None:
    [turn] = await converse(rasa, QUESTION, channel=Channel.WHATSAPP)
    assert turn.replies[0].provenance and turn.replies[0].provenance.entry == "solo-whatsapp"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (statement("segmento", "adulto-mayor", "pgu"), ["pgu: especial", "gratuidad: general"]),
        (statement("segmento", "estudiante", "pgu"), ["pgu: general", "gratuidad: especial"]),
        (statement("segmento", "", "pgu"), ["pgu: general", "gratuidad: general"]),
        ("soy estudiante", ["pgu: general", "gratuidad: especial"]),
        ("no", ["pgu: general", "gratuidad: general"]),
        ("soy dueña de casa", ["pgu: general", "gratuidad: general"]),
        (QUESTION, ["Así es licencia-renovar.", "gratuidad: general"]),
    ],
)
async def test_audience_is_asked_once_and_remembered(rasa: SpeakingRasa, answer: str, said: list[str]) -> None:
    asked, answered, later = await converse(
        rasa, "¿cómo pido la pgu?", answer, "¿cómo postulo a la gratuidad de la universidad?"
    )
    assert asked.replies[0].provenance is None
    assert [turn.replies[0].text for turn in (answered, later)] == said


@pytest.mark.parametrize(
    "written",
    [
        "hola\nuna consulta\ncómo renuevo la licencia",
        "holaa\nbuenas tardes\nme gustaría saber algo\ncomo renuevo la licencia",
        "buenas\nnecesito ayuda\nse me vencio la licencia",
        "hola\n🙂\nlicencia de conducir",
        "hola!\nlicencia\nvencida",
    ],
)
async def test_greeting_does_not_hide_the_question_of_a_batch(rasa: SpeakingRasa, written: str) -> None:
    [turn] = await converse(rasa, written)
    assert [reply.provenance and reply.provenance.entry for reply in turn.replies] == ["licencia-renovar"]


@pytest.mark.parametrize(
    "words",
    [
        "🙂🙂🙂",
        "ñ",
        "x" * 2000,
        "привет, как получить паспорт?",
        "こんにちは",
        "مرحبا كيف حالك",
        "\u202eolah",
        "hola\u0301\u0301\u0301",
        "{{slot}} ${X} [a](b)",
        "1234567890",
        "'; DROP TABLE messages; --",
    ],
)
async def test_any_text_gets_a_reply_and_never_an_answer(rasa: SpeakingRasa, words: str) -> None:
    [turn] = await converse(rasa, words)
    assert turn.replies[0].text
    assert turn.replies[0].provenance is None
    assert turn.handoff is None or turn.handoff.reason is not HandoffReason.ASSISTANT_ERROR


@pytest.mark.parametrize(
    ("words", "about_data"),
    [
        ("borrar mis datos", True),
        ("quiero que borren todo lo que escribí acá", True),
        ("¿qué datos míos tienen guardados?", True),
        ("se me perdió la llave", False),
        ("¿cómo renuevo mi licencia?", False),
    ],
)
async def test_request_about_own_data_is_recognised_without_a_turn(
    rasa: SpeakingRasa, words: str, about_data: bool
) -> None:
    client = Rasa(rasa.url, token=TOKEN)
    message = CitizenMessage(uuid4().hex, Channel.WEB, "1", words, 0)
    assert await Assistant(client).is_about_own_data(message) is about_data
    await client.close()


async def test_who_says_of_two_answers_that_they_were_not_it_gets_a_person(rasa: SpeakingRasa) -> None:
    more = "¿y cómo renuevo la licencia de mi papá?"
    turns = await converse(rasa, QUESTION, "no era eso", more, "no, no es eso")
    assert [bool(one.handoff) for one in turns] == [False, False, False, True]
    handoff = turns[-1].handoff
    assert handoff and handoff.reason is HandoffReason.NONE_OF_THESE
    assert [one.entry for one in handoff.candidates] == ["licencia-renovar"]
