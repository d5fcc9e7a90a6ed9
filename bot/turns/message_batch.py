"""Which messages are one turn: «hola», «una consulta» and «cómo renuevo el carnet» are. Called by worker.py.

A fragment waits a moment for what comes next; a whole sentence or six words are answered at once, so that a question
asked in one message waits for nothing. A burst is a run of fragments, each sent within the channel's quiet time of the
one before, up to the first whole one: two whole questions are never joined. What was sent when decides, not when a
worker looks, so a worker that takes over finds the same bursts. Nothing is kept here: the mail is the only state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.conversation.state import ConversationState
from bot.core.messages import Button, Channel, CitizenMessage, Speaker
from bot.crisis.emergency import find as find_emergency
from bot.turns.buttons import plain, pressed
from bot.turns.optout import wants_notices
from bot.turns.turns import RETURN_WORDS

MAX_MESSAGES = 8
MAX_CHARACTERS = 1500
WHOLE_WORDS = 6
MIN_WORDS_OF_A_QUESTION = 2  # «¿cuánto vale?» is whole, «hola?» and «???» are not
MIN_WORDS_OF_A_SENTENCE = 3  # «muchas gracias, adiós.» is whole, «hola!» is not
GOES_ON = re.compile(r"(\.\.+|…|[,;:(-])$")
DANGLING = frozenset(
    "a al con cuando de del desde el en es la las los mi o para pa pero por porque q que se si sin su un una y".split()
)
"""A message that ends in one of these words stops in the middle of a sentence."""


@dataclass(frozen=True)
class MessageBatch:
    """The messages of the next turn, oldest first, and for how long more may belong to it; 0 when it is complete."""

    messages: tuple[CitizenMessage, ...]
    wait_s: float = 0.0

    def as_one(self) -> CitizenMessage:
        """All of it as one message, a line each, with the newest place that was shared."""
        text = "\n".join(message.text for message in self.messages).strip("\n")
        place = next((one.place for one in reversed(self.messages) if one.place), None)
        handed_back = any(message.handed_back for message in self.messages)
        return replace(self.messages[-1], text=text, place=place, handed_back=handed_back)


class MessageBatches:
    """Reads bursts off the mail. ``debounce_ms``: for how long a fragment waits for the next, by channel."""

    def __init__(self, debounce_ms: Mapping[Channel, int]) -> None:
        self._quiet_ms = debounce_ms

    def first(self, mail: Sequence[CitizenMessage], state: ConversationState, now_ms: int) -> MessageBatch:
        """The burst that begins the mail, of which there is some. Only the assistant's own conversations wait."""
        batch = mail[:1]
        alone = state.belongs_to_staff(mail[0]) or stands_alone(mail[0], state.buttons)
        if state.speaker is not Speaker.ASSISTANT or alone:
            return MessageBatch(tuple(batch))
        for message in mail[1:]:
            if not self._joins(message, batch) or stands_alone(message, state.buttons):
                return MessageBatch(tuple(batch))
            batch = [*batch, message]
        return MessageBatch(tuple(batch), self._wait_s(batch, now_ms))

    def _joins(self, message: CitizenMessage, batch: Sequence[CitizenMessage]) -> bool:
        in_time = message.at - batch[-1].at <= self._quiet_ms.get(message.channel, 0)
        return in_time and not _is_full([*batch, message]) and not is_whole(batch[-1].text)

    def _wait_s(self, batch: Sequence[CitizenMessage], now_ms: int) -> float:
        newest = batch[-1]
        if len(batch) == MAX_MESSAGES or _is_full(batch) or is_whole(newest.text):
            return 0.0
        debounce_ms = self._quiet_ms.get(newest.channel, 0)
        return min(max(0, newest.at + debounce_ms - now_ms), debounce_ms) / 1000


def stands_alone(message: CitizenMessage, buttons: tuple[Button, ...]) -> bool:
    """A click, a command, a choice by number or title, «volver», «baja» and an emergency are turns of their own."""
    return (
        message.button is not None
        or message.command != ""
        or pressed(message, buttons) is not None
        or plain(message.text) in RETURN_WORDS
        or wants_notices(message) is not None
        or find_emergency(message.text) is not None
    )


def is_whole(text: str) -> bool:
    """Whether the message says all it wants to say, as far as its form tells."""
    bare = text.rstrip("\"'»)* \n\t")
    words = plain(text).split()
    if GOES_ON.search(bare):
        return False
    if bare.endswith("?"):
        return len(words) >= MIN_WORDS_OF_A_QUESTION
    if bare.endswith((".", "!")):
        return len(words) >= MIN_WORDS_OF_A_SENTENCE
    return len(words) >= WHOLE_WORDS and words[-1] not in DANGLING


def _is_full(messages: Sequence[CitizenMessage]) -> bool:
    too_long = sum(len(message.text) for message in messages) > MAX_CHARACTERS
    return len(messages) > MAX_MESSAGES or too_long
