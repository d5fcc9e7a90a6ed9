"""Decides which messages form one turn, such as «hola», «una consulta» and «cómo renuevo el carnet».

A fragment waits a moment for the next message; a whole sentence, or six words, is answered immediately. A batch is a
run of fragments, each sent within the channel's debounce time after the previous one, up to the first whole message:
two whole questions are never joined. «No» to an offer waits longer, since the choice that is meant may follow. Batches
depend only on the messages and their times in the inbox, so a worker that takes over forms the same batches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.conversation.state import ConversationState
from bot.core.messages import NONE_OF_THESE, Button, Channel, CitizenMessage, Speaker
from bot.core.texts import area
from bot.crisis.emergency import find as find_emergency
from bot.turns.buttons import plain, pressed
from bot.turns.optout import subscribes, wants_notices
from bot.turns.queue.unanswered import asks
from bot.turns.queue.waiting import RETURN_WORDS

MAX_MESSAGES = 8
MAX_CHARACTERS = 1500
TAKEN_BACK_MS = 4000  # after «no» to offered choices, the time in which the choice that is meant may follow
UNKNOWN_MS = 4000  # the time in which the rest of a fragment may follow that was not understood
MOMENT_S = 0.001
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

    More messages may join for ``wait_s`` seconds (0 means that it is complete). The first ``taken_back`` messages only
    refuse or correct, and the choice after them replaces them.
    """

    messages: tuple[CitizenMessage, ...]
    wait_s: float = 0.0
    taken_back: int = 0

    def as_one(self) -> CitizenMessage:
        """Joins the batch into one message: one line per text, all attachments, the newest shared location.

        Texts that the citizen took back are left out. ``handed_back`` is true if it is true for any message; the other
        fields are those of the newest message.
        """
        text = "\n".join(message.text for message in self.messages[self.taken_back :]).strip("\n")
        place = next((one.place for one in reversed(self.messages) if one.place), None)
        handed_back = any(message.handed_back for message in self.messages)
        attachments = tuple(attached for one in self.messages for attached in one.attachments)
        return replace(self.messages[-1], text=text, attachments=attachments, place=place, handed_back=handed_back)


class MessageBatches:
    """Forms batches from an inbox; a fragment waits for the next message for its channel's ``debounce_ms``."""

    def __init__(self, debounce_ms: Mapping[Channel, int]) -> None:
        self._quiet_ms = debounce_ms

    def first(
        self, pending: Sequence[CitizenMessage], state: ConversationState, now_ms: int, *, patient: bool = False
    ) -> MessageBatch:
        """Returns the first batch of a non-empty inbox; if ``patient``, a fragment waits for at least UNKNOWN_MS.

        The batch is the first message alone, without a wait, if that message stands alone, while an agent is in charge,
        in the emergency of a waiting citizen, or during the dialogue about a call-back. So is a correction of an
        earlier message during the dialogue about a complaint, of which it may change a part.
        """
        batch = pending[:1]
        alone = state.belongs_to_staff(pending[0]) or _is_turn(pending[0], state)
        if state.form or alone or (state.speaker is Speaker.WAITING and state.emergency()):
            return MessageBatch(tuple(batch))
        for message in pending[1:]:
            joins = self._joins(message, batch, max(self._debounce_ms(batch, state), UNKNOWN_MS * patient))
            if joins and _may_take_back(batch, state) and pressed(message, state.buttons):
                return MessageBatch((*batch, message), taken_back=len(batch))
            if not joins or _is_turn(message, state):
                return MessageBatch(tuple(batch))
            batch = [*batch, message]
        return MessageBatch(tuple(batch), self._wait_s(batch, state, now_ms))

    def rest_wait_s(
        self, batch: MessageBatch, pending: Sequence[CitizenMessage], now_ms: int, *, patient: bool
    ) -> float:
        """Returns for how long the rest of a batch that was not understood may still follow, in seconds.

        Returns 0 if the batch is whole or a question. If a message has already followed in time, returns MOMENT_S, so
        that the batch is formed again with it, or 0 if ``patient``: then the batch was formed with UNKNOWN_MS already.
        """
        newest = batch.messages[-1]
        if not self._quiet_ms.get(newest.channel, 0) or is_whole(newest.text) or asks(batch.as_one().text):
            return 0.0
        if later := pending[len(batch.messages) :]:
            return MOMENT_S if not patient and later[0].at - newest.at <= UNKNOWN_MS else 0.0
        return min(max(0, newest.at + UNKNOWN_MS - now_ms), UNKNOWN_MS) / 1000

    def _joins(self, message: CitizenMessage, batch: Sequence[CitizenMessage], debounce_ms: int) -> bool:
        in_time = message.at - batch[-1].at <= debounce_ms
        return in_time and not _is_full([*batch, message]) and not is_whole(batch[-1].text)

    def _debounce_ms(self, batch: Sequence[CitizenMessage], state: ConversationState) -> int:
        debounce_ms = self._quiet_ms.get(batch[-1].channel, 0)
        return max(debounce_ms, TAKEN_BACK_MS) if debounce_ms and _may_take_back(batch, state) else debounce_ms

    def _wait_s(self, batch: Sequence[CitizenMessage], state: ConversationState, now_ms: int) -> float:
        newest = batch[-1]
        if len(batch) == MAX_MESSAGES or _is_full(batch) or is_whole(newest.text):
            return 0.0
        debounce_ms = self._debounce_ms(batch, state)
        return min(max(0, newest.at + debounce_ms - now_ms), debounce_ms) / 1000


def _is_turn(message: CitizenMessage, state: ConversationState) -> bool:
    return stands_alone(message, state.buttons) or bool(message.edits and state.complaint)


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


def _may_take_back(batch: Sequence[CitizenMessage], state: ConversationState) -> bool:
    """Returns whether the batch only refuses offered choices, or corrects itself, so that a choice may follow."""
    if state.speaker is not Speaker.ASSISTANT or not any(one.payload == NONE_OF_THESE for one in state.buttons):
        return False
    return all(plain(message.text) in area("agency")["se_corrige"] for message in batch)


def _is_full(messages: Sequence[CitizenMessage]) -> bool:
    too_long = sum(len(message.text) for message in messages) > MAX_CHARACTERS
    return len(messages) > MAX_MESSAGES or too_long
