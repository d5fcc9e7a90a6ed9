"""Decides on the messages of waiting citizens who may be in danger, before the rules of the queue apply.

After an emergency, the reply to each message repeats the numbers, until an agent claims the ticket or the citizen says
that there is no emergency. Until then an entry answers only what asks or wishes for something: «tiene 4 meses», said of
a child that does not wake up, asks for no nursery. A danger of another kind gets its own numbers, even if only the
classifier recognizes it. After a denial the message that opened the emergency is answered, if only the classifier took
it for a danger, and of nobody who may do harm. The citizen is then answered like any waiting citizen, but stays in the
queue; a new danger or a cry for help makes the ticket an emergency again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.state import ConversationState
from bot.core.clock import now_ms
from bot.core.messages import CitizenMessage
from bot.crisis.emergency import cries_for_help, find
from bot.crisis.overheard import BY_SOMEBODY
from bot.text.questions import may_ask
from bot.turns.buttons import is_press, plain
from bot.turns.danger import DangerNotices, without_way_back
from bot.turns.dangers.judge import GENERAL, find_no_danger
from bot.turns.emergency import (
    Denied,
    Judge,
    affirms_emergency,
    animals_answer,
    denies_emergency,
    mistook_emergency,
    stated_danger,
)
from bot.turns.greeting import loses_words
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import RETURN_WORDS, WaitingTurns
from bot.turns.rights.dialogue import Rights


@dataclass(frozen=True)
class EndangeredTurns:
    """Decides on the messages of waiting citizens; without ``rights``, privacy requests are left for the agent.

    ``judge(text)`` returns the danger that the classifier recognizes, or None.
    """

    notices: DangerNotices
    waiting: WaitingTurns
    rights: Rights | None = None
    judge: Judge = find_no_danger

    async def decide(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides how to respond to a waiting citizen's message."""
        if kind := stated_danger(message, state.buttons):
            if not animals_answer(kind, message, state):
                return self.notices.raised(kind, state, message.text)
            return self.notices.over(kind, await self.waiting.decide(message, state), state)
        kind = state.emergency()
        if kind and denies_emergency(message, state.buttons):
            return await self._denied(kind, message, state)
        if own := self.rights and await self.rights.beside(message, state, self.waiting.known_answer):
            return await self._beside(kind, self.notices.above(kind, own, state), message, state) if kind else own
        if not kind:
            return await self._calm(message, state)
        answer = await self.waiting.answer(message, state) if may_ask(message.text) else Decision()
        if answer.change.to_approve:
            return answer
        return await self._beside(kind, self.notices.reminded(kind, answer, state, message.text), message, state)

    async def _denied(self, kind: str, message: CitizenMessage, state: ConversationState) -> Decision:
        """Returns the decision on a denial, with the answer to the message that opened the emergency.

        There is none if the danger may be real: the citizen only says to be well now, or a phrase tells of the danger.
        There is none to what may be about somebody who does harm: they may read it, and make the citizen deny it.
        """
        asked = state.dialogue.current(now_ms()).alarm
        if not asked or kind in BY_SOMEBODY or find(asked) or not mistook_emergency(message, state.buttons):
            return self.notices.denied(kind, state)
        again = Denied(**{**vars(message), "text": asked, "button": None})
        forgotten = replace(state, dialogue=replace(state.dialogue, alarm=""))
        return self.notices.denied(kind, state, await self.waiting.again(again, without_way_back(forgotten)))

    async def _beside(
        self, kind: str, decision: Decision, message: CitizenMessage, state: ConversationState
    ) -> Decision:
        """Returns ``decision``, which repeats the numbers for ``kind``, with the reply to a danger of another kind.

        If that danger is confirmed, its reply replaces the decision; if it is only possible, its reply comes first. A
        cry for help does not count as another danger.
        """
        if is_press(message, state.buttons) or (decision.is_answer and not loses_words(message.text)):
            return decision
        danger = await self.judge(message.text)
        told = {kind, GENERAL, *(one.danger.kind for one in decision.replies if one.danger)}
        if danger is None or danger.kind in told:
            return decision
        if danger.sure:
            return self.notices.raised(danger.kind, state, message.text)
        return self.notices.over(danger.kind, decision, state)

    async def _calm(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides for a citizen who has no emergency or denied it; only an agent can end the ticket of a denied one."""
        if denied := state.emergency(even_denied=True):
            if message.button is None and affirms_emergency(message.text):
                return self.notices.raised(denied, state, message.text)
            if message.button is None and cries_for_help(message.text):
                return self.notices.raised(GENERAL, state, message.text)
            if plain(message.text) in RETURN_WORDS:
                return self.notices.stays()
            if denies_emergency(message, state.buttons):
                return self.notices.denied(denied, state)
        return await self.waiting.decide(message, state)
