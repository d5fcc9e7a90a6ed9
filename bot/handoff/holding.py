"""Which of the assistant's answers wait for a person's OK (``mesa.aprobacion``). Called by turns.py for each outcome.

Only plain answers from the FAQ, only while the agency attends and somebody at the desk is available: otherwise nobody
could say anything within the seconds that the citizen waits.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.agency import Agency
from bot.conversation.mailbox import Held
from bot.conversation.presence import Presence, Presences
from bot.conversation.turns import Outcome
from bot.handoff.hours import Attention
from bot.messages import Author, CitizenMessage, Reply

ID_BYTES = 8


class Holding:
    """Holds answers back, when the agency wants it."""

    def __init__(self, agency: Agency, attention: Attention, presences: Presences) -> None:
        self._agency = agency
        self._attention = attention
        self._presences = presences

    async def hold(self, outcome: Outcome, message: CitizenMessage) -> Outcome:
        """The outcome as it is, or the citizen is told that its answer is being confirmed, and it waits."""
        rule = self._agency.desk.approval
        if rule is None or not _is_answer_below(outcome, rule.below) or not await self._somebody_decides():
            return outcome
        held = Held(secrets.token_hex(ID_BYTES), outcome.replies, message.text, rule.wait_s * 1000)
        told = Reply(self._agency.say("confirma_respuesta"), author=Author.SYSTEM)
        return Outcome((told,), replace(outcome.change, buttons=None, held=held))

    async def _somebody_decides(self) -> bool:
        if not self._attention.of("").is_open(datetime.now(ZoneInfo(self._agency.timezone))):
            return False
        return any(agent.presence is Presence.AVAILABLE for agent in await self._presences.everybody())


def _is_answer_below(outcome: Outcome, certainty: float) -> bool:
    """Whether all that is said are answers of the FAQ, and one of them is less certain."""
    if outcome.handoff or not outcome.replies or any(one.buttons or one.referral for one in outcome.replies):
        return False
    proofs = [one.provenance for one in outcome.replies if one.provenance]
    return len(proofs) == len(outcome.replies) and min(proof.confidence for proof in proofs) < certainty
