"""Tests pending approvals at the desk: the answer with its confidence; a late decision names the winner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.conversation.event_log_entry import EventLogEntry
from bot.core.errors.tickets import AlreadyDecided
from bot.core.event_facts import MessageFacts
from bot.core.messages import Author, Channel, Provenance
from bot.desk.api.approvals import ApprovalsApi
from bot.tickets.approvals import PendingApproval
from tests.desk_fakes import Audit, Browsers, browsing, gate_of, signed_in

PROOF = {"entry": "bache", "version": "0" * 12, "question": "¿Hoyo?", "confidence": 0.416}
WAITS = PendingApproval(
    "p1",
    "c",
    Channel.WEB,
    "hay un hoyo <b>",
    (EventLogEntry(Author.ASSISTANT, "**Así** <script>", MessageFacts(provenance=Provenance(**PROOF))),),
    5,
)


@dataclass
class Approvals:
    """Provides one pending approval, or raises ``error``; records its calls."""

    error: Exception | None = None
    waiting: list[PendingApproval] = field(default_factory=lambda: [WAITS])
    asked: list[str] = field(default_factory=list)

    async def pending(self, _agent: Any) -> list[PendingApproval]:
        return self.waiting

    async def _decide(self, what: str, approval: str) -> PendingApproval:
        self.asked.append(f"{what} {approval}")
        if self.error:
            raise self.error
        return WAITS

    async def approve(self, approval: str, _agent: Any) -> PendingApproval:
        return await self._decide("approve", approval)

    async def reject(self, approval: str, _agent: Any) -> PendingApproval:
        return await self._decide("reject", approval)

    async def take_over(self, approval: str, _agent: Any) -> PendingApproval:
        return await self._decide("take-over", approval)


async def ask(approvals: Approvals, audit: Audit, path: str = "", role: str = "agent") -> httpx.Response:
    api = ApprovalsApi(guard=gate_of(Browsers(signed_in(role))), approvals=approvals, audit=audit)  # type: ignore[arg-type]
    async with browsing(api) as client:
        address = f"/desk/api/proposals{path}"
        return await (client.post(address) if path else client.get(address))


async def test_approval_is_shown_escaped_with_its_confidence() -> None:
    audit = Audit()
    (shown,) = (await ask(Approvals(), audit)).json()["proposals"]
    assert shown["questions"] == ["¿Hoyo?\u00a0· 42\u00a0%"]
    assert "<script>" not in shown["html"] and "<strong>Así</strong>" in shown["html"]
    assert audit.actions == ["proposals_viewed"]


async def test_viewing_an_empty_list_is_not_audited() -> None:
    audit = Audit()
    assert (await ask(Approvals(waiting=[]), audit)).json()["proposals"] == []
    assert audit.rows == []


@pytest.mark.parametrize(
    ("what", "decision"), [("approve", "approved"), ("reject", "rejected"), ("take-over", "taken")]
)
async def test_decisions_are_audited(what: str, decision: str) -> None:
    approvals, audit = Approvals(), Audit()
    answer = await ask(approvals, audit, f"/p1/{what}")
    assert (answer.json(), approvals.asked) == ({"conversation": "c"}, [f"{what} p1"])
    ((_, facts),) = audit.rows
    assert (facts["decision"], facts["entry"]) == (decision, "bache")


@pytest.mark.parametrize("by", ["Berta", ""])
async def test_late_decision_names_the_winner_or_no_one(by: str) -> None:
    approvals, audit = Approvals(AlreadyDecided(by=by)), Audit()
    answer = await ask(approvals, audit, "/p1/approve")
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["error"], detail.get("owner", "")) == (409, "decided", by)
    assert by in detail["message"]
    assert audit.rows == []


@pytest.mark.parametrize("role", ["editor", "analyst"])
async def test_only_roles_that_may_answer_see_or_decide(role: str) -> None:
    approvals = Approvals()
    assert (await ask(approvals, Audit(), role=role)).status_code == 403
    assert (await ask(approvals, Audit(), "/p1/approve", role)).status_code == 403
    assert approvals.asked == []
