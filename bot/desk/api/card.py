"""Serves a citizen's card: the time of their first message, and the earlier tickets that the agent may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, or_, select, true

from bot.core.messages import HandoffReason
from bot.desk.api.tickets import NO_STORE, agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.queries.closings import outcome_words
from bot.handoff.agent import Agent
from bot.handoff.listing import reason_in_words
from bot.handoff.service import Desk
from bot.record.engine import Sessions
from bot.record.tables import Closing, Conversation, Ticket
from bot.record.transcripts.rows import decrypt_rows, gone

SHOWN = 10


class CardApi:
    """The handler of ``GET /desk/api/tickets/{ticket_id}/card``."""

    def __init__(self, *, guard: Guard, desk: Desk, sessions: Sessions, audit: AuditLog) -> None:
        self._guard = guard
        self._desk = desk
        self._sessions = sessions
        self._audit = audit

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/tickets/{ticket_id}/card", self.card, methods=["GET"])

    async def card(self, request: Request, response: Response, ticket_id: str) -> dict[str, Any]:
        """Returns ``{first_seen, contacts}``: when the citizen first wrote (ms) and at most SHOWN earlier tickets.

        A contact is ``{at, reason_words, outcome_words, topic, name, summary}``, newest first: ``at`` is when it was
        opened (ms), ``name`` its agent's name; ``topic`` and ``summary`` are '' without a closing note. ``first_seen``
        is null and ``contacts`` empty if the agent may not see the ticket.
        """
        signed_in = await self._guard.reading(request)
        response.headers.update(NO_STORE)
        found = await self._desk.ticket_for(ticket_id, agent_of(signed_in))
        if found is None:
            return {"first_seen": None, "contacts": []}
        conversation = found.ticket.conversation
        facts = {"subject": ticket_id, "conversation": conversation}
        await self._audit.record_view(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, **facts)
        earlier = (
            select(Ticket, Closing)
            .outerjoin(Closing, Closing.ticket_id == Ticket.id)
            .where(Ticket.conversation_id == conversation, Ticket.id != ticket_id, _seen_by(agent_of(signed_in)))
            .order_by(Ticket.opened_at.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            began = await session.scalar(select(Conversation.started_at).where(Conversation.id == conversation))
            rows = (await session.execute(earlier)).all()
            closings = [vars(closing) for _, closing in rows if closing]
            clear = await decrypt_rows(session, Closing, closings, conversation, gone())
        summaries = {one["ticket_id"]: one["summary"] for one in clear}
        first_seen = int(began.timestamp() * 1000) if began else None
        return {"first_seen": first_seen, "contacts": [_contact(*row, summaries) for row in rows]}


def _seen_by(reader: Agent) -> ColumnElement[bool]:
    return or_(Ticket.team.in_(reader.teams), Ticket.claimed_by == reader.id) if reader.teams else true()


def _contact(ticket: Ticket, closing: Closing | None, summaries: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": int(ticket.opened_at.timestamp() * 1000),
        "reason_words": reason_in_words(HandoffReason(ticket.reason), ()),
        "outcome_words": outcome_words(ticket.outcome or ""),
        "topic": closing.topic if closing else "",
        "name": ticket.owner_name,
        "summary": summaries.get(ticket.id, ""),
    }
