"""Asks the answerer for the turn first; Rasa gets the messages on which the answerer does not decide, and buttons.

A message about a running public notice is answered with the notice, before both.
"""

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
from bot.text.normalize import plain
from bot.text.questions import asks_openly_at_last, asks_what_if, begins_asking, without_told
from bot.turns.answers import Answered, Answers
from bot.turns.emergency import Denied
from bot.turns.greeting import without_opening
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.outcome import Turn
from bot.turns.rasa_client import QUESTIONS, Asker, Rasa, TimeLeft
from bot.turns.rasa_record import RasaRecord

OWN_DATA = frozenset({"my_data", "delete_my_data"})  # intents of domain.yml
IDENTITY = "bot_identity"  # too

PRAISE = "feedback_good"  # too: the assistant's or an agent's help was useful
# Intents of small talk that a short question may resemble: «que ay este finde» a farewell.
DOUBTED = frozenset({"goodbye", "thank", "greet", "affirm", "deny", "feedback_good"})


@dataclass(frozen=True)
class Assistant:
    """The answerer, Rasa and the running public notices.

    Without ``answers``, Rasa gets every message that no notice answers. Without ``record``, the turns that the answerer
    decided are missing in Rasa's tracker.
    """

    rasa: Rasa
    answers: Answers | None = None
    record: RasaRecord | None = None
    notices: NoticeInserter | None = None

    @classmethod
    def from_settings(cls, settings: Settings, redis: Store, notices: NoticeInserter | None = None) -> Self:
        rasa = Rasa(settings.rasa_url, token=settings.rasa_token.get_secret_value())
        answers = Answers(ActionsEndpoint.of(settings)) if settings.actions_url else None
        return cls(rasa, answers, RasaRecord(UnheardTurns(redis), rasa), notices)

    async def turn(self, message: CitizenMessage, button: Button | None, state: ConversationState) -> Turn:
        """Returns the turn for a text or a pressed button. Raises RasaUnavailable, RasaSilent, redis.RedisError."""
        if button is None and self.notices and (notice_turn := await self.notices.about(message.text)):
            return notice_turn
        now_ms = int(time.time() * 1000)
        asker = self._asker(message, state, now_ms)
        answered = await self.answers.surely(asker, message.text) if self.answers and button is None else Answered()
        left = TimeLeft()
        # An intent takes Rasa a few milliseconds, an answer much longer: it asks the action server and is stored.
        intent = await self.rasa.intent(message, left) if answered.if_question else ""
        is_question = intent in QUESTIONS or _is_doubted(intent, message, asker, answered)
        if decided := answered.if_question if is_question else answered.turn:
            return self._current(_remembered(decided, asker, message, now_ms))
        if self.record and (intent or not answered.if_question):  # not if Rasa just failed: no decision depends on it
            await self.record.report(asker.conversation, left)
        payload = button.payload if button else f"/{answered.command}" if answered.command else ""
        turn = await (self.rasa.press(asker, payload, left) if payload else self.rasa.say(asker, message.text, left))
        words = "" if button else masked(message.text)  # «la segunda» is not what the citizen asks
        after = _dialogue(asker).after(turn.said, turn.known, asker.resumed, now_ms, words)
        return self._current(replace(turn, dialogue=after))

    async def sure_turn(self, message: CitizenMessage, state: ConversationState, *, whole: bool = False) -> Turn | None:
        """Returns the turn for a text that a notice or, with enough confidence, an entry answers; else None.

        Never asks Rasa, and therefore waits longer than ``turn`` for a busy action server. Choices offered earlier do
        not count, so that a text cannot accept one; only their buttons can. So a question about the citizen's audience
        is no answer here. With ``whole``, two answers are not shortened on any channel.
        """
        if self.notices and (notice_turn := await self.notices.about(message.text)):
            return notice_turn
        now_ms = int(time.time() * 1000)
        if self.answers is None:
            return None
        asker = self._asker(message, state, now_ms)
        asked = replace(asker, dialogue=_dialogue(asker).without_offers(), whole=whole)
        for text in dict.fromkeys((message.text, without_opening(message.text))):
            turn = (await self.answers.surely(asked, text, patient=True)).turn
            if turn and not any(one.asks for one in turn.said):
                return self._current(_remembered(turn, asker, message, now_ms))
        return None

    async def choices(self, message: CitizenMessage, state: ConversationState) -> Turn | None:
        """Returns the choices or the referral for a question of a waiting citizen; None if there are none.

        Asks Rasa only for the intent, which adds nothing to its tracker. Also returns None instead of a question about
        the citizen's audience, since no later text would answer it.
        """
        if self.answers is None:
            return None
        now_ms = int(time.time() * 1000)
        asker = self._asker(message, state, now_ms)
        asked = replace(asker, dialogue=_dialogue(asker).without_offers())
        turn = (await self.answers.surely(asked, without_opening(message.text))).if_question
        if turn is None or not _only_informs(turn) or any(one.asks for one in turn.said):
            return None
        if await self.rasa.intent(message) not in QUESTIONS:
            return None
        return self._current(_remembered(turn, asker, message, now_ms)) if _knows(turn) else None

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
            isinstance(message, Denied),
        )

    async def is_about_own_data(self, message: CitizenMessage) -> bool:
        """Returns whether Rasa classifies a text as a request about the citizen's own data; False if Rasa fails."""
        return await self.intent(message) in OWN_DATA

    async def intent(self, message: CitizenMessage) -> str:
        """Returns the intent as which Rasa classifies a text, '' if Rasa fails."""
        return await self.rasa.intent(message)

    async def run(self, beat: Beat = no_beat) -> None:
        """Adds turns decided without Rasa to its tracker, until cancelled."""
        if self.record:
            await self.record.run(beat)

    async def close(self) -> None:
        """Closes the HTTP clients."""
        await self.rasa.close()
        if self.answers:
            await self.answers.close()


def _is_doubted(intent: str, message: CitizenMessage, asker: Asker, answered: Answered) -> bool:
    """Returns whether the message asks something, although Rasa classifies it as small talk, its ``intent``.

    Returns False if the replies to a question would be more than information: small talk does not call a person.
    """
    if answered.if_question is None or not _only_informs(answered.if_question):
        return False
    return (intent in DOUBTED and _begins_asking(message.text)) or (
        intent == PRAISE and _praises_nothing(asker, answered)
    )


def _only_informs(turn: Turn) -> bool:
    """Returns whether the turn is no handoff, warns of no danger, and is no fallback."""
    return turn.handoff is None and not any(one.danger or one.missed for one in turn.said)


def _praises_nothing(asker: Asker, answered: Answered) -> bool:
    """Returns whether neither an entry nor an agent has answered yet, and the message gets choices or a referral.

    «se me quedó el bote botado en la arena» is then no praise, however Rasa classifies it.
    """
    helped = asker.resumed is not None or _dialogue(asker).answered is not None
    return not helped and answered.if_question is not None and _knows(answered.if_question)


def _knows(turn: Turn) -> bool:
    return any(one.candidates or one.referral for one in turn.said)


def _begins_asking(text: str) -> bool:
    begins = begins_asking(plain(without_opening(without_told(text))).split())
    return begins or asks_openly_at_last(text) or asks_what_if(text)


def _remembered(turn: Turn, asker: Asker, message: CitizenMessage, now_ms: int) -> Turn:
    """Returns the turn, decided without Rasa, with the dialogue after it and with the record for Rasa's tracker."""
    dialogue = _dialogue(asker)
    words = masked(message.text)
    unheard = UnheardTurn(words, message.channel, turn.said, now_ms, begins=not dialogue.exchanges)
    return replace(turn, unheard=unheard, dialogue=dialogue.after(turn.said, turn.known, asker.resumed, now_ms, words))


def _dialogue(asker: Asker) -> Dialogue:
    return asker.dialogue or Dialogue()
