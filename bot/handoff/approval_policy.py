"""Decides which of the assistant's answers wait for an agent's approval (``mesa.aprobacion``).

Only plain FAQ answers with too low a confidence wait, and only during the service hours of the entry's team while one
of its agents is available at the desk: otherwise no agent could decide within the seconds that the citizen waits. A
warning about a possible danger, which may precede an answer, never waits, nor does a public notice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from bot.agency.desk_settings import CHANNEL
from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove
from bot.core.messages import Author, Channel, CitizenMessage, Reply
from bot.handoff.hours import ServiceHours
from bot.tickets.presence import Presence, Presences
from bot.turns.buttons import is_line_below, offered
from bot.turns.outcome import Decision

ID_BYTES = 8


TeamOf = Callable[[str], str]


class ApprovalPolicy:
    """Holds answers for approval according to agency.yml.

    ``team_of`` returns an entry's team, or '' for an unknown entry.
    """

    def __init__(self, agency: Agency, service_hours: ServiceHours, presences: Presences, team_of: TeamOf) -> None:
        self._team_of = team_of
        self._agency = agency
        self._service_hours = service_hours
        self._presences = presences

    async def hold(self, decision: Decision, message: CitizenMessage) -> Decision:
        """Returns the decision unchanged, or a decision to hold the answer for approval and notify the citizen."""
        rule = self._agency.desk.approval
        lines = tuple(one for one in decision.replies if one.danger or one.notice)
        answers = replace(decision, replies=tuple(one for one in decision.replies if one not in lines))
        if rule is None or not _is_answer_below(answers, rule.below):
            return decision
        team = self._team(decision, message.channel)
        if not await self._somebody_decides(team):
            return decision
        to_approve = AnswerToApprove(
            secrets.token_hex(ID_BYTES),
            answers.replies,
            message.text,
            rule.wait_s * 1000,
            team,
            decision.change.dialogue,
            decision.change.unheard,
        )
        notice = Reply(self._agency.say("confirma_respuesta"), author=Author.SYSTEM)
        buttons = offered(lines) or None
        change = replace(decision.change, buttons=buttons, dialogue=None, unheard=None, to_approve=to_approve)
        return Decision((*lines, notice), change)

    def _team(self, decision: Decision, channel: Channel) -> str:
        """Returns the team that gets the ticket if the answer is rejected: its first entry's team, as routed."""
        proofs = [reply.provenance for reply in decision.replies if reply.provenance]
        team = self._team_of(proofs[0].entry) if proofs else ""
        known = team if team in self._agency.teams else self._agency.default_team
        return self._agency.desk.team_for(known, {CHANNEL: channel})

    async def _somebody_decides(self, team: str) -> bool:
        if not self._service_hours.of(team).is_open(self._agency.now()):
            return False
        agents = await self._presences.everybody()
        return any(agent.presence is Presence.AVAILABLE and agent.skills.serve(team) for agent in agents)


def _is_answer_below(decision: Decision, certainty: float) -> bool:
    """Returns whether the decision only sends FAQ answers, at least one with a confidence below ``certainty``.

    FAQ answers are recognized by their provenance, which a question with choices lacks. A line or a referral
    below an answer, about another part of the message, is held with it.
    """
    replies = [one for one in decision.replies if not (one.referral or is_line_below(one))]
    proofs = [one.provenance for one in replies if one.provenance]
    if decision.handoff or not proofs or len(proofs) < len(replies):
        return False
    return min(proof.confidence for proof in proofs) < certainty
