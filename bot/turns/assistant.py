"""Lets the answerer decide on messages that an entry answers with enough confidence, and Rasa on all others."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Self

from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.conversation.unheard import UnheardTurn, UnheardTurns
from bot.core.messages import Button, CitizenMessage
from bot.core.network import ActionsEndpoint
from bot.core.progress import Beat, no_beat
from bot.core.settings import Settings
from bot.store.client import Store
from bot.text.masking.masking import masked
from bot.turns.answers import Answered, Answers
from bot.turns.notices.telling import NoticeTelling
from bot.turns.outcome import Turn
from bot.turns.rasa_client import Asker, Rasa
from bot.turns.rasa_record import RasaRecord

OWN_DATA = frozenset({"my_data", "delete_my_data"})  # intents of domain.yml


@dataclass(frozen=True)
class Assistant:
    """The answerer and Rasa.

    A running public notice answers a message that is about it, before any entry. Without ``answers``, Rasa gets every
    message. Without ``record``, the turns that the answerer decided are missing in Rasa's tracker.
    """

    rasa: Rasa
    answers: Answers | None = None
    record: RasaRecord | None = None
    notices: NoticeTelling | None = None

    @classmethod
    def from_settings(cls, settings: Settings, redis: Store, notices: NoticeTelling | None = None) -> Self:
        rasa = Rasa(settings.rasa_url, token=settings.rasa_token.get_secret_value())
        answers = Answers(ActionsEndpoint.of(settings)) if settings.actions_url else None
        return cls(rasa, answers, RasaRecord(UnheardTurns(redis), rasa), notices)

    async def turn(self, message: CitizenMessage, button: Button | None, state: ConversationState) -> Turn:
        """Returns the turn for a text or a pressed button. Raises RasaUnavailable, RasaSilent, redis.RedisError."""
        if button is None and self.notices and (told := await self.notices.about(message.text)):
            return told
        now_ms = int(time.time() * 1000)
        asker = self._asker(message, state, now_ms)
        answered = await self.answers.surely(asker, message.text) if self.answers and button is None else Answered()
        if answered.turn:
            return self._current(_remembered(answered.turn, asker, message, now_ms))
        payload = button.payload if button else f"/{answered.command}" if answered.command else ""
        turn = await self._ask_rasa(asker, message.text, payload)
        after = _dialogue(asker).after(turn.said, turn.known, asker.resumed, now_ms, masked(message.text))
        return self._current(replace(turn, dialogue=after))

    async def sure_turn(self, message: CitizenMessage, state: ConversationState) -> Turn | None:
        """Returns the turn for a text that a notice, or an entry with enough confidence, answers, else None.

        Never asks Rasa, and therefore waits longer than ``turn`` for a busy action server. Choices offered earlier do
        not count, so that a text cannot accept one; only their buttons can.
        """
        if self.notices and (told := await self.notices.about(message.text)):
            return told
        now_ms = int(time.time() * 1000)
        if self.answers is None:
            return None
        asker = self._asker(message, state, now_ms)
        asked = replace(asker, dialogue=_dialogue(asker).without_offers())
        turn = (await self.answers.surely(asked, message.text, patient=True)).turn
        return self._current(_remembered(turn, asker, message, now_ms)) if turn else None

    def _current(self, turn: Turn) -> Turn:
        return self.notices.current(turn) if self.notices else turn

    def _asker(self, message: CitizenMessage, state: ConversationState, now_ms: int) -> Asker:
        return Asker(
            message.conversation,
            message.channel,
            state.known,
            state.resumed,
            state.resumed_summary,
            state.dialogue.current(now_ms),
            self.notices.effects.certainty if self.notices else 0.0,
        )

    async def is_about_own_data(self, text: str) -> bool:
        """Returns whether Rasa classifies the text as a request about the citizen's own data; False if Rasa fails."""
        return await self.rasa.intent(text) in OWN_DATA

    async def _ask_rasa(self, asker: Asker, text: str, payload: str) -> Turn:
        """Adds earlier turns decided without Rasa to its tracker, and then asks Rasa.

        Sends ``payload`` instead of the text, unless it is ''.
        """
        if self.record:
            await self.record.tell(asker.conversation)
        return await self.rasa.press(asker, payload) if payload else await self.rasa.say(asker, text)

    async def run(self, beat: Beat = no_beat) -> None:
        """Adds turns decided without Rasa to its tracker, until cancelled."""
        if self.record:
            await self.record.run(beat)

    async def close(self) -> None:
        """Closes the HTTP clients."""
        await self.rasa.close()
        if self.answers:
            await self.answers.close()


def _remembered(turn: Turn, asker: Asker, message: CitizenMessage, now_ms: int) -> Turn:
    """Returns the turn, decided without Rasa, with the dialogue after it and with the record for Rasa's tracker."""
    dialogue = _dialogue(asker)
    words = masked(message.text)
    unheard = UnheardTurn(words, message.channel, turn.said, now_ms, begins=not dialogue.exchanges)
    return replace(turn, unheard=unheard, dialogue=dialogue.after(turn.said, turn.known, asker.resumed, now_ms, words))


def _dialogue(asker: Asker) -> Dialogue:
    return asker.dialogue or Dialogue()
