"""Applies agents' decisions on pending approvals: approve, reject, take over."""

from __future__ import annotations

from dataclasses import replace

from bot.agency.model import Agency
from bot.core.errors.tickets import AlreadyDecided
from bot.core.messages import Candidate, Handoff, HandoffReason
from bot.handoff.agent import Agent
from bot.handoff.notices import claimed_notice
from bot.tickets.approvals import PendingApproval, PendingApprovals, Replacement
from bot.tickets.presence import Presences
from bot.turns.buttons import with_ids
from bot.turns.outcome import WaitNotice


class Approvals:
    """Applies agents' decisions on pending approvals; only the first decision on an approval counts.

    A later decision raises AlreadyDecided, whose ``by`` is the name of the agent who decided first. A decision by an
    agent of another team also raises AlreadyDecided, with '' as ``by``.
    """

    def __init__(
        self,
        *,
        pending_approvals: PendingApprovals,
        presences: Presences,
        agency: Agency,
        wait_notice: WaitNotice,
    ) -> None:
        self._pending_approvals = pending_approvals
        self._presences = presences
        self._agency = agency
        self._wait_notice = wait_notice

    async def pending(self, agent: Agent) -> list[PendingApproval]:
        """Returns the pending approvals of the agent's teams, the most urgent first."""
        return [one for one in await self._pending_approvals.pending() if agent.serves(one.team)]

    async def approve(self, approval: str, agent: Agent) -> PendingApproval:
        """Sends the answer unchanged and returns the approval. Raises AlreadyDecided."""
        found = await self._found(approval, agent)
        await self._pending_approvals.approve(found, agent.ref)
        return found

    async def reject(self, approval: str, agent: Agent) -> PendingApproval:
        """Discards the answer, puts the citizen into the queue and returns the approval. Raises AlreadyDecided.

        A citizen whom staff blocked is not put into the queue.
        """
        found = await self._found(approval, agent)
        handoff = self._handoff(found)
        notice = await self._wait_notice(handoff, self._agency.now())
        combined = replace(notice, text=f"{self._agency.say('respuesta_rechazada')}\n\n{notice.text}")
        await self._pending_approvals.reject(found, agent.ref, Replacement(handoff, with_ids((combined,))[0]))
        return found

    async def take_over(self, approval: str, agent: Agent) -> PendingApproval:
        """Discards the answer, opens a ticket for the agent and returns the approval. Raises AlreadyDecided."""
        found = await self._found(approval, agent)
        handoff = self._handoff(found)
        notice = claimed_notice(self._agency, name=agent.name, team=agent.speaks_for(handoff.team))
        await self._presences.heartbeat(agent.id, agent.name, agent.skills(self._agency.desk))
        await self._pending_approvals.take(found, agent.ref, Replacement(handoff, notice))
        return found

    async def _found(self, approval: str, agent: Agent) -> PendingApproval:
        found = await self._pending_approvals.get(approval)
        if not agent.serves(found.team):
            raise AlreadyDecided(approval=approval, by="")
        return found

    def _handoff(self, approval: PendingApproval) -> Handoff:
        team = approval.team if approval.team in self._agency.teams else self._agency.default_team
        candidates = tuple(Candidate(one.entry, one.question, one.confidence) for one in approval.proofs)
        return Handoff(HandoffReason.LOW_CONFIDENCE, team=team, candidates=candidates)
