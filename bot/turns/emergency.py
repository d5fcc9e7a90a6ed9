"""Recognizes emergencies, and other messages that must not wait for a pending approval.

Rasa recognizes many more ways to ask for a person, but gets a message only once the pending approval is decided.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from bot.conversation.state import ConversationState
from bot.core.messages import Button, CitizenMessage
from bot.core.texts import area
from bot.crisis.animals import names_person, tells_animals_danger
from bot.crisis.emergency import find as find_emergency
from bot.crisis.emergency import guess as guess_emergency
from bot.crisis.emergency import told_abroad
from bot.turns.buttons import danger_confirmed, plain, pressed

ASK_HUMAN = "/ask_human"
CHOOSE_ENTRY = "/choose_entry"
HEALTH = "medica"  # the kind of emergency that befalls animals, too
MAX_REQUEST_WORDS = 12
LONG_TEXT = 1000  # characters; searching a longer text takes tens of milliseconds
MAX_MESSAGE_CHARACTERS = 2000  # a longer message does not go to Rasa


def kind_told(message: CitizenMessage, buttons: tuple[Button, ...]) -> str | None:
    """Returns the kind of emergency that the message's text reports or its button confirms; None if there is none."""
    return danger_confirmed(message, buttons) or find_emergency(message.text)


async def search_beside(messages: Sequence[CitizenMessage]) -> None:
    """Searches long messages for emergencies in a thread; the results are cached.

    Otherwise the search would block the event loop, and with it every other conversation.
    """
    for message in messages:
        if len(message.text) > LONG_TEXT:
            await asyncio.to_thread(kind_in, message.text)
            await asyncio.to_thread(told_abroad, message.text)


def kind_in(text: str) -> str | None:
    """Returns the kind of emergency that the text reports, else None.

    In a text that is too long for Rasa, one danger word suffices, since nothing else checks such a text.
    """
    kind = find_emergency(text)
    if kind is None and len(text) > MAX_MESSAGE_CHARACTERS:
        return guess_emergency(text)
    return kind


def animals_answer(kind: str, message: CitizenMessage, state: ConversationState) -> Button | None:
    """Returns the button that repeats the last answer, if the message is still about an animal in danger.

    It is if that answer, or the question it answered, was about an animal in danger, and neither this question nor the
    message mentions a person. Returns None for a message that reports the danger of a person, or of another kind.
    """
    if kind != HEALTH or message.button is not None or state.in_emergency or names_person(message.text):
        return None
    answered = state.dialogue.current(int(time.time() * 1000)).answered
    if answered is None or names_person(answered.words):
        return None
    if not any(map(tells_animals_danger, (answered.words, answered.question))):
        return None
    return Button(answered.question, f"{CHOOSE_ENTRY}{json.dumps({'entry': answered.entry})}")


def cannot_wait(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """Returns whether the message reports an emergency or asks for a person; ``buttons`` are those offered last."""
    button = pressed(message, buttons)
    asks = button is not None and button.payload == ASK_HUMAN
    return asks or kind_told(message, buttons) is not None or asks_for_person(message.text)


def asks_for_person(text: str) -> bool:
    """Returns whether the text asks for a person: it is a known word, or is short and contains a known phrase."""
    words, known = plain(text), area("agency")["pide_persona"]
    short = len(words.split()) <= MAX_REQUEST_WORDS
    return words in known["palabras"] or (short and any(phrase in words for phrase in known["frases"]))
