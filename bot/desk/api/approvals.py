"""Lists pending approvals and applies an agent's decision: approve, reject or take over.

The refusal 409 ``decided`` contains the name of the agent who decided first. It contains no name if the answer was sent
without a decision, or if the approval belongs to another team.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.channels.formatting.html import markdown_html
from bot.core.channels import name_of
from bot.core.errors.tickets import AlreadyDecided
from bot.core.texts import say
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.views.transcript import percent
from bot.handoff.agent import Agent
from bot.handoff.approvals import Approvals
from bot.tickets.approvals import PendingApproval, Verdict

Decides = Callable[[str, Agent], Awaitable[PendingApproval]]


class ApprovalsApi:
    """The handlers of ``/desk/api/proposals``."""

    def __init__(self, *, guard: Guard, approvals: Approvals, audit: AuditLog) -> None:
        self._guard = guard
        self._approvals = approvals
        self._audit = audit

    def add_to(self, router: APIRouter) -> None:
        one = "/desk/api/proposals/{approval}"
        router.add_api_route("/desk/api/proposals", self.pending, methods=["GET"])
        router.add_api_route(f"{one}/approve", self.approve, methods=["POST"])
        router.add_api_route(f"{one}/reject", self.reject, methods=["POST"])
        router.add_api_route(f"{one}/take-over", self.take_over, methods=["POST"])

    async def pending(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns ``{now, proposals}`` for this agent's teams, most urgent first; times are in ms since 1970."""
        signed_in = await self._guard.reading(request, Permission.ANSWER)
        response.headers.update(NO_STORE)
        found = await self._approvals.pending(agent_of(signed_in))
        if found:
            await self._audit.record_view(Action.PROPOSALS_VIEWED, staff_id=signed_in.staff.id)
        return {"now": int(time.time() * 1000), "proposals": [_view(one) for one in found]}

    async def approve(self, request: Request, approval: str) -> dict[str, Any]:
        """Sends the answer unchanged; returns ``{conversation}``."""
        return await self._decided(request, approval, Verdict.APPROVED, self._approvals.approve)

    async def reject(self, request: Request, approval: str) -> dict[str, Any]:
        """Discards the answer and queues the citizen for a person; returns ``{conversation}``.

        A citizen whom staff blocked is not queued.
        """
        return await self._decided(request, approval, Verdict.REJECTED, self._approvals.reject)

    async def take_over(self, request: Request, approval: str) -> dict[str, Any]:
        """Discards the answer and assigns the conversation to this agent; returns ``{conversation}``."""
        return await self._decided(request, approval, Verdict.TAKEN, self._approvals.take_over)

    async def _decided(self, request: Request, approval: str, decision: Verdict, decide: Decides) -> dict[str, Any]:
        signed_in = await self._guard.change(request, Permission.ANSWER)
        try:
            found = await decide(approval, agent_of(signed_in))
        except AlreadyDecided as error:
            raise _too_late(str(error.facts["by"])) from error
        facts = {"decision": decision.value, "entry": found.proofs[0].entry, "version": found.proofs[0].version}
        await self._audit.record(
            Action.PROPOSAL_DECIDED,
            staff_id=signed_in.staff.id,
            subject=found.conversation,
            proposal=approval,
            **facts,
        )
        return {"conversation": found.conversation}


def _view(approval: PendingApproval) -> dict[str, Any]:
    """Builds the JSON of a pending approval; each item of ``questions`` is an entry's question with its confidence."""
    return {
        "id": approval.id,
        "conversation": approval.conversation,
        "channel": approval.channel.value,
        "channel_words": name_of(approval.channel),
        "words": approval.words,
        "html": markdown_html(approval.text),
        "questions": [f"{one.question}\u00a0· {percent(one.confidence)}\u00a0%" for one in approval.proofs],
        "due": approval.due_ms,
    }


def _too_late(by: str) -> Refused:
    if not by:
        return Refused(409, "decided", say("desk.errores.propuesta_salio"))
    return Refused(409, "decided", say("desk.errores.propuesta_decidida_por", nombre=by), owner=by)
