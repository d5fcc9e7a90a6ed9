"""What the desk decides on answers that wait for a person's OK. Called by ``bot.console.proposals_api``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.agency import Agency
from bot.conversation.buttons import with_ids
from bot.conversation.presence import Presences
from bot.conversation.proposals import Instead, Proposal, Proposals
from bot.conversation.turns import WaitNotice
from bot.desk_rules import CHANNEL
from bot.handoff.desk import Agent
from bot.handoff.notices import claimed_notice
from bot.messages import Candidate, Handoff, HandoffReason


class Approvals:
    """The first decision counts: whoever comes later gets ProposalDecided, with who was faster."""

    def __init__(self, *, proposals: Proposals, presences: Presences, agency: Agency, wait_notice: WaitNotice) -> None:
        self._proposals = proposals
        self._presences = presences
        self._agency = agency
        self._wait_notice = wait_notice

    async def pending(self) -> list[Proposal]:
        """What waits, the most urgent first."""
        return await self._proposals.pending()

    async def approve(self, proposal: str, agent: Agent) -> Proposal:
        """The answer is sent as it is. Raises ProposalDecided."""
        found = await self._proposals.get(proposal)
        await self._proposals.approve(found, agent.ref)
        return found

    async def reject(self, proposal: str, agent: Agent) -> Proposal:
        """The answer is not sent, and the citizen waits for a person. Raises ProposalDecided."""
        found = await self._proposals.get(proposal)
        handoff = self._handoff(found)
        notice = await self._wait_notice(handoff.team, datetime.now(ZoneInfo(self._agency.timezone)))
        told = replace(notice, text=f"{self._agency.say('respuesta_rechazada')}\n\n{notice.text}")
        await self._proposals.reject(found, agent.ref, Instead(handoff, with_ids((told,))[0]))
        return found

    async def take_over(self, proposal: str, agent: Agent) -> Proposal:
        """The answer is not sent, and the agent attends the citizen. Raises ProposalDecided."""
        found = await self._proposals.get(proposal)
        handoff = self._handoff(found)
        notice = claimed_notice(self._agency, name=agent.name, team=agent.team or handoff.team)
        await self._presences.beat(agent.id, agent.name, agent.skills(self._agency.desk))
        await self._proposals.take(found, agent.ref, Instead(handoff, notice))
        return found

    def _handoff(self, proposal: Proposal) -> Handoff:
        team = self._agency.desk.team_for(self._agency.default_team, {CHANNEL: proposal.channel})
        proofs = proposal.proofs
        candidates = tuple(Candidate(one["entry"], one["question"], one["confidence"]) for one in proofs)
        return Handoff(HandoffReason.LOW_CONFIDENCE, team=team, candidates=candidates)
