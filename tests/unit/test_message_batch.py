"""Tests which messages form one turn, and how long a fragment waits for more."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import Button, Channel, CitizenMessage, Place, Speaker
from bot.turns.buttons import pressed
from bot.turns.message_batch import MAX_CHARACTERS, MAX_MESSAGES, MOMENT_S, MessageBatch, MessageBatches, is_whole
from tests.rows import each_row

BURSTS = MessageBatches({Channel.WEB: 350, Channel.WHATSAPP: 900})
BUTTONS = (Button("Renovar licencia", "/x", "b1"), Button("Otra", "/y", "b2"))
NOW = 1_000_000
LONG = "x" * (MAX_CHARACTERS // 2)


def state(speaker: Speaker = Speaker.ASSISTANT, buttons: tuple[Button, ...] = ()) -> ConversationState:
    return ConversationState(True, Channel.WEB, speaker, None, True, buttons, 0)


def mail(*texts: str, gap: int = 100, channel: Channel = Channel.WEB) -> list[CitizenMessage]:
    """Builds messages ``gap`` milliseconds apart, the newest sent now."""
    first = NOW - gap * (len(texts) - 1)
    return [CitizenMessage("c", channel, f"m{n}", text, first + n * gap) for n, text in enumerate(texts)]


def texts_of(messages: list[CitizenMessage], now: ConversationState | None = None) -> list[str]:
    return [message.text for message in BURSTS.first(messages, now or state(), NOW).messages]


@pytest.mark.parametrize(
    "text",
    [
        "¿cuánto vale?",
        "¿Cómo renuevo mi licencia de conducir?",
        "Necesito renovar mi carnet.",
        "cómo puedo renovar el carnet de identidad",
        "(¿y cuánto vale?)",
        "muchas gracias, adiós!!",
    ],
)
def test_sentence_or_six_words_do_not_wait(text: str) -> None:
    assert is_whole(text)
    assert BURSTS.first(mail(text), state(), NOW).wait_s == 0


@each_row(
    "text",
    [
        "hola",
        "hola!",
        "Buenas tardes.",
        "???",
        "🙂",
        "1",
        "una consulta",
        "cómo renuevo el carnet",
        "quisiera saber si ustedes me pueden ayudar con",
        "hola, buenas tardes, tengo una consulta muy simple:",
        "resulta que ayer perdí mi carnet...",
        "necesito saber una cosa de la licencia,",
    ],
)
def test_fragment_waits_for_the_next(text: str) -> None:
    assert not is_whole(text)
    assert BURSTS.first(mail(text), state(), NOW).wait_s == 0.35
    assert BURSTS.first(mail(text, channel=Channel.WHATSAPP), state(), NOW + 200).wait_s == 0.7
    assert BURSTS.first(mail(text, channel=Channel.TELEGRAM), state(), NOW).wait_s == 0


def test_fragment_waits_once_whatever_the_clock_says() -> None:
    assert BURSTS.first(mail("hola"), state(), NOW + 9999).wait_s == 0
    assert BURSTS.first(mail("hola"), state(), NOW - 9999).wait_s == 0.35


def test_greeting_and_question_are_one_turn() -> None:
    batch = BURSTS.first(mail("hola", "una consulta", "cómo renuevo el carnet"), state(), NOW)
    assert batch.as_one().text == "hola\nuna consulta\ncómo renuevo el carnet"
    assert (batch.as_one().id, batch.wait_s) == ("m2", 0.35)


def test_whole_question_ends_the_batch() -> None:
    assert texts_of(mail("hola", "¿Cómo renuevo el carnet?", "es urgente")) == ["hola", "¿Cómo renuevo el carnet?"]
    assert texts_of(mail("¿Dónde queda?", "¿Cuánto vale?", gap=0)) == ["¿Dónde queda?"]


def test_messages_sent_far_apart_are_not_joined() -> None:
    assert texts_of(mail("renovar licencia", "permiso de circulación", gap=351)) == ["renovar licencia"]
    assert BURSTS.first(mail("renovar licencia", "permiso", gap=351), state(), NOW).wait_s == 0


@pytest.mark.parametrize("alone", ["me quiero matar", "volver", "2", "renovar LICENCIA"])
def test_emergency_choice_and_volver_are_never_joined(alone: str) -> None:
    now = state(buttons=BUTTONS)
    assert texts_of(mail("hola", alone, "gracias"), now) == ["hola"]
    assert texts_of(mail(alone, "gracias"), now) == [alone]
    assert BURSTS.first(mail(alone), now, NOW).wait_s == 0


def test_click_is_never_joined() -> None:
    click = CitizenMessage("c", Channel.WEB, "m9", "Renovar licencia", NOW, button="b1")
    assert texts_of([*mail("hola"), click]) == ["hola"]
    assert texts_of([click, *mail("hola")]) == ["Renovar licencia"]


def test_batches_have_a_size_limit() -> None:
    assert len(texts_of(mail(*["a"] * 20, gap=1))) == MAX_MESSAGES
    assert BURSTS.first(mail(*["a"] * MAX_MESSAGES, gap=1), state(), NOW).wait_s == 0
    assert texts_of(mail(LONG, LONG, "a", gap=1)) == [LONG, LONG]
    assert texts_of(mail("x" * (MAX_CHARACTERS + 1), "a", gap=1)) == ["x" * (MAX_CHARACTERS + 1)]


def test_nothing_waits_while_a_person_attends_or_a_form_is_open_or_in_an_emergency() -> None:
    danger = (KeptDanger("gas", sure=True, at=int(time.time() * 1000)),)
    waiting = state(Speaker.WAITING)
    emergency = replace(waiting, dangers=danger, in_emergency=True)
    for alone in (state(Speaker.STAFF), replace(waiting, form="{}"), emergency):
        batch = BURSTS.first(mail("hola", "una consulta"), alone, NOW)
        assert ([message.text for message in batch.messages], batch.wait_s) == (["hola"], 0)


def test_correction_is_a_turn_of_its_own_during_a_complaint() -> None:
    answer, correction = mail("un ollo", "un hoyo")
    edited, asked = replace(correction, edits=answer.id), replace(state(), complaint="{}")
    assert texts_of([answer, edited]) == ["un ollo", "un hoyo"]
    assert [texts_of([*one], asked) for one in ((answer, edited), (edited, answer))] == [["un ollo"], ["un hoyo"]]


def test_fragments_of_a_waiting_citizen_are_joined_since_the_assistant_answers() -> None:
    batch = BURSTS.first(mail("hola", "una consulta"), state(Speaker.WAITING), NOW)
    assert [message.text for message in batch.messages] == ["hola", "una consulta"]


OFFER = (
    Button("Renovar licencia", '/choose_entry{"entry": "a"}', "c1"),
    Button("Primera licencia", '/choose_entry{"entry": "b"}', "c2"),
    Button("Ninguna de estas", "/none_of_these", "c3"),
)


@pytest.mark.parametrize("texts", [("no", "la segunda"), ("No!!", "primera licencia"), ("no", "me equivoqué", "2")])
def test_choice_that_follows_no_to_an_offer_within_seconds_replaces_it(texts: tuple[str, ...]) -> None:
    said, offer = mail(*texts, gap=1500), state(buttons=OFFER)
    batch = BURSTS.first(said, offer, NOW)
    one = batch.as_one()
    assert (batch.messages, batch.wait_s, one.text) == (tuple(said), 0, texts[-1])
    assert pressed(one, OFFER) == OFFER[1]


def test_no_to_an_offer_waits_seconds_for_the_choice_and_other_words_do_not() -> None:
    offer = state(buttons=OFFER)
    waits = {text: BURSTS.first(mail(text), offer, NOW).wait_s for text in ("no", "perdón", "gracias", "la segunda")}
    assert waits == {"no": 4, "perdón": 4, "gracias": 0.35, "la segunda": 0}
    assert BURSTS.first(mail("no"), state(buttons=BUTTONS), NOW).wait_s == 0.35
    assert BURSTS.first(mail("no", "la segunda", gap=4500), offer, NOW).as_one().text == "no"
    assert BURSTS.first(mail("no", "gracias", gap=1500), offer, NOW).as_one().text == "no\ngracias"


@pytest.mark.parametrize(
    ("texts", "gap", "patient", "waits"),
    [
        (("mi mamá",), 0, False, 4),
        (("mi mamá", "necesita remedios"), 2000, False, MOMENT_S),  # came while the first was decided
        (("mi mamá", "necesita remedios"), 2000, True, 4),  # joined, and may go on
        (("mi mamá", "necesita remedios"), 9000, False, 0),
        (("mi mamá", "¿cómo renuevo mi licencia?"), 2000, True, 0),
        (("¿venden pan?",), 0, False, 0),
        (("dónde venden pan",), 0, False, 0),
        (("mi mamá tiene ochenta años ya",), 0, False, 0),
    ],
)
def test_fragment_that_is_not_understood_waits_for_its_rest(
    texts: tuple[str, ...], gap: int, patient: bool, waits: float
) -> None:
    pending = mail(*texts, gap=gap)
    batch = BURSTS.first(pending, state(), NOW, patient=patient)
    assert BURSTS.rest_wait_s(batch, pending, NOW, patient=patient) == waits


def test_channel_without_a_debounce_time_joins_nothing() -> None:
    pending = mail("mi mamá", channel=Channel.TELEGRAM)
    batch = BURSTS.first(pending, state(), NOW)
    assert BURSTS.rest_wait_s(batch, pending, NOW, patient=False) == 0


def test_location_is_kept_with_the_text_after_it() -> None:
    place, words = mail("", "aquí hay un hoyo")
    spot = Place(-33.4, -70.6)
    one = MessageBatch((replace(place, place=spot), words)).as_one()
    assert (one.place, one.text) == (spot, "aquí hay un hoyo")
