"""Recognizes emergencies, and other messages that must not wait for a pending approval.

Rasa recognizes many more ways to ask for a person, but gets a message only once the pending approval is decided.
"""

from __future__ import annotations

import asyncio
import json
import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.conversation.state import ConversationState
from bot.core.clock import now_ms
from bot.core.messages import CHOOSE_ENTRY, Button, CitizenMessage, Priority, RecognizedDanger, Speaker
from bot.core.texts import area
from bot.crisis.animals import describes_animal_danger, names_person
from bot.crisis.emergency import EVER_PRESENT, foreign_danger
from bot.crisis.emergency import find as find_emergency
from bot.crisis.emergency import guess as guess_emergency
from bot.text.doubts import REPEATED
from bot.text.masking.masking import masked
from bot.text.questions import CLAUSE_ENDS
from bot.turns.buttons import (
    ASK_HUMAN,
    NO_EMERGENCY,
    NO_EMERGENCY_ID,
    danger_confirmed,
    is_press,
    plain,
    pressed,
)
from bot.turns.outcome import Decision

HEALTH = "medica"  # the kind of emergency that befalls animals, too
MAX_REQUEST_WORDS = 12
LONG_TEXT = 1000  # characters; searching a longer text takes tens of milliseconds
MAX_MESSAGE_CHARACTERS = 2000  # a longer message does not go to Rasa
# A «no» that answers «¿estás a salvo?» and denies nothing of what follows: «no, estoy en peligro».
ANSWERING_NO = re.compile(r"\bn(?:o|a\u0303o|ão)\b[^\S\n]*(?:[^\w\s]|\n)(?=\W*\w)", re.IGNORECASE)

Judge = Callable[[str], Awaitable[RecognizedDanger | None]]


@dataclass(frozen=True)
class Doubted(CitizenMessage):
    """A message whose emergency phrase the danger classifier doubts; it counts only as the possible ``danger``."""

    danger: RecognizedDanger = field(kw_only=True)


@dataclass(frozen=True)
class Denied(CitizenMessage):
    """A message that opened an emergency which the citizen then denied; it is answered as if it told of no danger."""


async def weighed(message: CitizenMessage, classify: Judge, buttons: tuple[Button, ...] = ()) -> CitizenMessage:
    """Returns the message; if it has an emergency phrase that the classifier doubts, returns it as Doubted.

    ``classify`` asks only the classifier. A phrase is not doubted if ``classify`` returns None, since the action server
    may have failed, if the text has more than LONG_TEXT characters, or if the phrase is about a kind in EVER_PRESENT or
    in another language. The title of one of ``buttons`` is no phrase.
    """
    kind = find_emergency(message.text)
    if kind is None or kind in EVER_PRESENT or len(message.text) > LONG_TEXT or is_press(message, buttons):
        return message
    danger = await classify(message.text)
    if danger is None or danger.sure or ((abroad := foreign_danger(message.text)) and abroad.sure):
        return message
    return Doubted(**vars(message), danger=danger)


def stated_danger(message: CitizenMessage, buttons: tuple[Button, ...]) -> str | None:
    """Returns the kind of emergency that the message's text reports or its button confirms; None if there is none.

    A phrase that the classifier doubts reports none, nor does one in the title of a chosen button.
    """
    if is_press(message, buttons):
        return danger_confirmed(message, buttons)
    return None if isinstance(message, Doubted) else find_emergency(message.text)


def told_danger(message: CitizenMessage, buttons: tuple[Button, ...]) -> str | None:
    """Returns the kind of ``stated_danger``, or else that of a danger word in a text that is too long for Rasa.

    One word suffices there, since nothing else checks such a text of a citizen with the assistant.
    """
    if kind := stated_danger(message, buttons):
        return kind
    return guess_emergency(message.text) if len(message.text) > MAX_MESSAGE_CHARACTERS else None


async def search_beside(messages: Sequence[CitizenMessage]) -> None:
    """Searches long messages for emergencies in a thread; the results are cached.

    Otherwise the search would block the event loop, and with it every other conversation.
    """
    for message in messages:
        if len(message.text) > LONG_TEXT:
            await asyncio.to_thread(told_danger, message, ())
            await asyncio.to_thread(foreign_danger, message.text)


def animals_answer(kind: str, message: CitizenMessage, state: ConversationState) -> Button | None:
    """Returns the button that repeats the last answer, if the message is still about an animal in danger; else None.

    It is if that answer, or the question that it answered, was about an animal in danger, and neither the question nor
    the message mentions a person. Returns None if ``kind`` is not HEALTH, or during an emergency.
    """
    if kind != HEALTH or message.button is not None or state.in_emergency or names_person(message.text):
        return None
    answered = state.dialogue.current(now_ms()).answered
    if answered is None or names_person(answered.words):
        return None
    if not any(map(describes_animal_danger, (answered.words, answered.question))):
        return None
    return Button(answered.question, f"{CHOOSE_ENTRY}{json.dumps({'entry': answered.entry})}")


def cannot_wait(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """Returns whether the message reports an emergency or asks for a person; ``buttons`` are those offered last."""
    button = pressed(message, buttons)
    asks = button is not None and button.payload == ASK_HUMAN
    return asks or stated_danger(message, buttons) is not None or asks_for_person(message.text)


def denies_emergency(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """Returns whether the message says, by button or in words, that there is no emergency or no danger any more.

    The text must consist of known sentences, possibly between courtesies. A message with anything else does not count:
    other words, a file, a location, or a «no» that answers a question. Before a sentence that denies what there was, a
    «no» only repeats it: «no, no es una emergencia».
    """
    if message.button is not None:
        return message.button == NO_EMERGENCY_ID
    button = pressed(message, buttons)
    if button is not None:
        return button.payload == NO_EMERGENCY
    if message.attachments or message.place or "?" in message.text:
        return False
    known = area("agency")["sin_emergencia"]
    if any(unicodedata.category(one) == "So" and one not in known["signos"] for one in message.text):
        return False  # «estoy bien 😭»
    if not ANSWERING_NO.search(message.text) and _bare(message.text) in known["frases"]:
        return True
    clauses = list(filter(None, map(_bare, CLAUSE_ENDS.split(message.text))))
    if clauses[:1] == ["no"] and len(clauses) > 1 and _denies_any(clauses[1]):
        clauses = clauses[1:]
    return bool(clauses) and all(one in known["frases"] for one in clauses)


def _bare(text: str) -> str:
    """Returns the folded text without the courtesies around it; «nooo no» and «no no» become «no»."""
    known, words = area("agency")["sin_emergencia"], REPEATED.sub(r"\1", plain(text)).split()
    while words and words[0] in known["antes"]:
        words = words[1:]
    while words and words[-1] in known["despues"]:
        words = words[:-1]
    while words[:2] == ["no", "no"]:
        words = words[1:]
    return " ".join(words)


def _denies_any(words: str) -> bool:
    return not set(words.split()).isdisjoint(area("agency")["sin_emergencia"]["no_la_hubo"])


def mistook_emergency(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """Returns whether a denial says that there never was an emergency.

    «Estoy bien» does not: it also answers the question after a real one.
    """
    if is_press(message, buttons):
        return True
    return _denies_any(plain(message.text))


def keeping_alarm(decision: Decision, message: CitizenMessage, state: ConversationState) -> Decision:
    """Returns the decision; if it opens an emergency, also keeps the message, which a denial has answered.

    A button has no words to keep; those that opened an earlier emergency are forgotten then.
    """
    change, handoff = decision.change, decision.handoff
    opens = change.escalate_to or (handoff and handoff.priority is Priority.EMERGENCY)
    if not opens or state.speaker is Speaker.STAFF:
        return decision
    dialogue = change.dialogue or state.dialogue
    if is_press(message, state.buttons):
        if not dialogue.alarm:
            return decision
        dialogue = replace(dialogue, alarm="")
    else:
        dialogue = dialogue.alarmed(masked(message.text), now_ms())
    return replace(decision, change=replace(change, dialogue=dialogue))


def affirms_emergency(text: str) -> bool:
    """Returns whether the text of a citizen who denied an emergency says that there is one after all."""
    words, known = f" {plain(ANSWERING_NO.sub(' ', text))} ", area("agency")["sin_emergencia"]["otra_vez"]
    return any(f" {one} " in words and not re.search(f" n[oa]o? {one} ", words) for one in known)


def asks_for_person(text: str) -> bool:
    """Returns whether the text asks for a person: it is a known word, or is short and contains a known phrase."""
    words, known = plain(text), area("agency")["pide_persona"]
    short = len(words.split()) <= MAX_REQUEST_WORDS
    return words in known["palabras"] or (short and any(phrase in words for phrase in known["frases"]))
