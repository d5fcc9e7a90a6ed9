"""Decides which messages form one turn, such as «hola», «una consulta» and «cómo renuevo el carnet».

A fragment waits a moment for the next message; a whole sentence, or six words, is answered immediately. A batch is a
run of fragments, each sent within the channel's debounce time after the previous one, up to the first whole message:
two whole questions are never joined. Batches depend only on the messages and their times in the inbox, so a worker that
takes over forms the same batches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.conversation.state import ConversationState
from bot.core.messages import Button, Channel, CitizenMessage, Speaker
from bot.crisis.emergency import find as find_emergency
from bot.turns.buttons import plain, pressed
from bot.turns.danger import emergency_of
from bot.turns.optout import subscribes, wants_notices
from bot.turns.queue.waiting import RETURN_WORDS

MAX_MESSAGES = 8
MAX_CHARACTERS = 1500
WHOLE_WORDS = 6
MIN_WORDS_OF_A_QUESTION = 2  # «¿cuánto vale?» is whole, «hola?» and «???» are not
MIN_WORDS_OF_A_SENTENCE = 3  # «muchas gracias, adiós.» is whole, «hola!» is not
GOES_ON = re.compile(r"(\.\.+|…|[,;:(-])$")
# A message that ends in one of these words stops in the middle of a sentence.
DANGLING = frozenset(
    "a al con cuando de del desde el en es la las los mi o para pa pero por porque q que se si sin su un una y".split()
)


@dataclass(frozen=True)
class MessageBatch:
    """The messages of the next turn, oldest first.

    More may join for ``wait_s`` seconds (0 means that it is complete).
    """

    messages: tuple[CitizenMessage, ...]
    wait_s: float = 0.0

    def as_one(self) -> CitizenMessage:
        """Joins the batch into one message: one line per text, all attachments, the newest shared location.

        ``handed_back`` is true if it is true for any message; the other fields are those of the newest message.
        """
        text = "\n".join(message.text for message in self.messages).strip("\n")
        place = next((one.place for one in reversed(self.messages) if one.place), None)
        handed_back = any(message.handed_back for message in self.messages)
        attachments = tuple(attached for one in self.messages for attached in one.attachments)
        return replace(self.messages[-1], text=text, attachments=attachments, place=place, handed_back=handed_back)


class MessageBatches:
    """Forms batches from an inbox; a fragment waits for the next message for its channel's ``debounce_ms``."""

    def __init__(self, debounce_ms: Mapping[Channel, int]) -> None:
        self._quiet_ms = debounce_ms

    def first(self, pending: Sequence[CitizenMessage], state: ConversationState, now_ms: int) -> MessageBatch:
        """Returns the first batch of a non-empty inbox.

        The batch is the first message alone, without a wait, if that message stands alone, while an agent is in charge,
        in an emergency, or while the citizen fills in a form.
        """
        batch = pending[:1]
        alone = state.belongs_to_staff(pending[0]) or stands_alone(pending[0], state.buttons)
        if state.form or alone or (state.speaker is Speaker.WAITING and emergency_of(state)):
            return MessageBatch(tuple(batch))
        for message in pending[1:]:
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
    """Returns whether the message forms a turn by itself, such as a click, a choice, «baja» or an emergency."""
    return (
        message.button is not None
        or message.command != ""
        or pressed(message, buttons) is not None
        or plain(message.text) in RETURN_WORDS
        or wants_notices(message) is not None
        or subscribes(message)
        or find_emergency(message.text) is not None
    )


def is_whole(text: str) -> bool:
    """Returns whether the message looks complete, judging by its punctuation and number of words."""
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
