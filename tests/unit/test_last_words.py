"""Tests which unanswered messages remain when an agent closes a ticket; courtesies need no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.conversation.state import ConversationState, state_from
from bot.core.errors.tickets import CitizenStillWrites
from bot.core.messages import Attachment, Channel, CitizenMessage, MediaKind, Speaker
from bot.handoff.courtesies import is_courtesy
from bot.handoff.last_words import FRESH_MS, left_unanswered
from bot.tickets.ending import Unanswered
from bot.turns.message_batch import MessageBatch, MessageBatches
from tests.rows import each_row

NOW = 1_000_000
QUESTION = "¿Y cómo obtengo el pasaporte?"
PHOTO = Attachment(MediaKind.PHOTO)


def message(text: str = QUESTION, *, name: str = "m1", age_ms: int = 3000) -> CitizenMessage:
    return CitizenMessage("c1", Channel.WEB, name, text, NOW - age_ms)


def state(*, read_at: int = 0, replied_at: int = 0) -> ConversationState:
    raw = {"channel": "web", "speaker": "staff", "read_staff": f"{read_at}-0", "replied_staff": f"{replied_at}-0"}
    return state_from(raw, notices_off=False)


def left(*written: CitizenMessage, over: str = "", **seen: int) -> Unanswered:
    return left_unanswered(written, state(**seen), NOW, over)


@pytest.mark.parametrize(
    "text",
    [
        "gracias",
        "Ok, muchas gracias!!",
        "Chao",
        "muchas grasias 🙏",
        "👍",
        "Ya, gracias. Que tenga buen día",
        "No, gracias",
    ],
)
def test_thanks_and_goodbyes_are_courtesies(text: str) -> None:
    assert is_courtesy(text)
    assert left(message(text)) == Unanswered("m1", ())


@each_row(
    "text",
    [QUESTION, "gracias, y el pasaporte", "¿ok?", "???", "sí", "no", "1", "ok " * 20, "muchas", "hay un incendio"],
)
def test_other_text_needs_an_answer(text: str) -> None:
    assert not is_courtesy(text)
    with pytest.raises(CitizenStillWrites):
        left(message(text))


def test_photo_with_thanks_needs_an_answer() -> None:
    with pytest.raises(CitizenStillWrites):
        left(replace(message("gracias"), attachments=(PHOTO,)))


def test_refusal_has_the_words_and_their_age() -> None:
    with pytest.raises(CitizenStillWrites) as told:
        left(message("Una cosa más", age_ms=9000), message("gracias", name="m2"), message(name="m3"))
    assert (told.value.text, told.value.seconds, told.value.message) == (f"Una cosa más\n{QUESTION}", 3, "m3")
    assert QUESTION not in str(told.value)


def test_confirmed_close_hands_unanswered_messages_back() -> None:
    written = message(name="m1", age_ms=9000), message(name="m2"), message("gracias", name="m3")
    assert left(*written, over="m2") == Unanswered("m3", ("m1", "m2"))
    with pytest.raises(CitizenStillWrites):
        left(*written, over="m1")


@pytest.mark.parametrize(
    ("age_ms", "seen_at", "counts"),
    [(3000, NOW, True), (FRESH_MS - 1, NOW, True), (FRESH_MS, NOW, False), (FRESH_MS, 1, True), (900_000, 1, True)],
)
def test_statement_read_a_while_ago_is_left_to_the_agent_who_closes(age_ms: int, seen_at: int, counts: bool) -> None:
    one = message("Se me olvidó preguntar cómo saco el pasaporte", age_ms=age_ms)
    with pytest.raises(CitizenStillWrites):
        left(one, read_at=seen_at)
    assert bool(left(one, over="m1", read_at=seen_at).hand_back) is counts


@pytest.mark.parametrize("text", [QUESTION, "si ya viene, quien paga la ambulancia", "y donde la devuelvo entonces"])
def test_question_counts_however_long_ago_it_was_read(text: str) -> None:
    assert left(message(text, age_ms=900_000), over="m1", read_at=NOW).hand_back == ("m1",)


def test_message_before_the_agents_last_reply_is_answered() -> None:
    assert left(message(), replied_at=NOW - 1000) == Unanswered("m1", ())


@pytest.mark.parametrize("change", [{"button": "b1"}, {"command": "start"}])
def test_a_button_and_a_command_are_no_words(change: dict[str, str]) -> None:
    assert left(replace(message("Sí"), **change)) == Unanswered("m1", ())


def test_handed_back_message_is_the_assistants_although_a_person_read_it() -> None:
    now = replace(state(read_at=NOW), speaker=Speaker.ASSISTANT)
    assert now.belongs_to_staff(message())
    back = replace(message(), handed_back=True)
    assert not now.belongs_to_staff(back)
    assert CitizenMessage.from_dict(back.to_dict()) == back
    assert replace(now, speaker=Speaker.STAFF).belongs_to_staff(back)


def test_a_batch_with_something_handed_back_is_handed_back() -> None:
    now = replace(state(read_at=NOW), speaker=Speaker.ASSISTANT)
    written = [replace(message("una cosa"), handed_back=True), message("gracias", name="m2", age_ms=2990)]
    batch: MessageBatch = MessageBatches({Channel.WEB: 350}).first(written, now, NOW)
    assert len(batch.messages) == 2
    assert not now.belongs_to_staff(batch.as_one())
