"""Decides on the messages of waiting citizens while one of them may be in danger, before the rules of the queue.

After an emergency, each message gets the numbers again, until an agent claims the ticket or the citizen says that there
is no emergency. A danger of another kind gets its own numbers, also without a phrase. After a denial they are answered
like anybody who waits, but stay in the queue; a new danger and a cry for help raise the emergency again.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.state import ConversationState
from bot.core.messages import CitizenMessage
from bot.crisis.emergency import cries_for_help
from bot.turns.buttons import plain
from bot.turns.danger import DangerNotices
from bot.turns.dangers.judge import GENERAL, judged_by_nobody
from bot.turns.emergency import Judge, affirms_emergency, animals_answer, denies_emergency, stated_danger
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
    judge: Judge = judged_by_nobody

    async def decide(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides how to respond to a waiting citizen's message."""
        if kind := stated_danger(message, state.buttons):
            if not animals_answer(kind, message, state):
                return self.notices.raised(kind, state, message.text)
            return self.notices.over(kind, await self.waiting.decide(message, state), state)
        kind = state.emergency()
        if kind and denies_emergency(message, state.buttons):
            return self.notices.denied(kind, state)
        if own := self.rights and await self.rights.beside(message, state, self.waiting.known_answer):
            return await self._beside(kind, self.notices.above(kind, own, state), message, state) if kind else own
        if not kind:
            return await self._calm(message, state)
        answer = await self.waiting.answer(message, state)
        if answer.change.to_approve:
            return answer
        return await self._beside(kind, self.notices.reminded(kind, answer, state, message.text), message, state)

    async def _beside(
        self, kind: str, decision: Decision, message: CitizenMessage, state: ConversationState
    ) -> Decision:
        """Returns ``decision``, which reminds of the emergency of this ``kind``; adds the reply to one of another kind.

        A sure one replaces the decision as a phrase does; the line of a possible one precedes it. A cry for help names
        no other danger.
        """
        if message.button is not None or (decision.is_answer and not loses_words(message.text)):
            return decision
        danger = await self.judge(message.text)
        told = {kind, GENERAL, *(one.danger.kind for one in decision.replies if one.danger)}
        if danger is None or danger.kind in told:
            return decision
        if danger.sure:
            return self.notices.raised(danger.kind, state, message.text)
        return self.notices.over(danger.kind, decision, state)

    async def _calm(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides for a citizen without an emergency, or who denied it; only an agent takes that one from the queue."""
        if denied := state.emergency(even_denied=True):
            if message.button is None and affirms_emergency(message.text):
                return self.notices.raised(denied, state, message.text)
            if message.button is None and cries_for_help(message.text):
                return self.notices.raised(GENERAL, state, message.text)
            if plain(message.text) in RETURN_WORDS or denies_emergency(message, state.buttons):
                return self.notices.denied(denied, state)
        return await self.waiting.decide(message, state)
