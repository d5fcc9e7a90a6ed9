"""Stores what an agent enters when closing a ticket: outcome, topic, summary and a question missing from the FAQ.

Editors see the missing questions, with the agent's draft of an answer. Retention (bot/record/retention.py) deletes
closing notes and missing questions after the same period as conversations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.conversation.readable import readable
from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.queries.callbacks import RESULTS
from bot.learning.backlog.decisions import Kind
from bot.record.engine import Sessions
from bot.record.locks import Lock, take_of
from bot.record.tables import BacklogDecision, BacklogItem, Closing, MissingEntry, Staff, Ticket
from bot.record.tables.privacy import blocked_conversations
from bot.record.transcripts.rows import encrypt_row
from bot.text.masking.masking import masked

MAX_TOPIC = 160
MAX_SUMMARY = 200
MAX_QUESTION = 300
MAX_DRAFT = 4000
MAX_MESSAGE_ID = 200
SHOWN = 200


class Outcome(StrEnum):
    """The outcome of a support session; its Spanish text is in ``mesa.resultados``."""

    SOLVED = "solved"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    OTHER = "other"


def outcome_words(outcome: str | None) -> str:
    """Returns the Spanish text of an Outcome or of a call-back's result.

    Returns '' for any other value, such as ``revoked``.
    """
    if outcome in RESULTS:
        return say(f"mesa.resultados_de_llamada.{outcome}")
    return say(f"mesa.resultados.{outcome}") if outcome in set(Outcome) else ""


def _clean(text: object) -> object:
    return readable(text).strip() if isinstance(text, str) else text


class MissingQuestion(BaseModel):
    """A question that the FAQ does not answer, with the agent's draft of an answer."""

    question: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=MAX_QUESTION)]
    draft: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_DRAFT)] = ""


class CloseIn(BaseModel):
    """The closing form: ``topic`` is an entry's question or free text, ``summary`` is one line for the next agent."""

    outcome: Outcome = Outcome.SOLVED
    topic: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_TOPIC)] = ""
    summary: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_SUMMARY)] = ""
    missing: MissingQuestion | None = None
    closing_over: Annotated[str, Field(max_length=MAX_MESSAGE_ID)] = ""  # id of the newest unanswered message shown


@dataclass(frozen=True)
class Missing:
    """A question that the FAQ does not answer, as editors see it.

    ``staff_name`` is who noted it, '' if the account is gone; ``draft`` is that agent's draft of an answer, or ''.
    """

    id: int
    at: datetime
    staff_name: str
    team: str
    question: str
    draft: str


class Closings:
    """Writes closing notes to PostgreSQL, and writes, lists and deletes missing questions."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def note(self, ticket: str, staff: UUID, closing: CloseIn, *, team: str, conversation: str) -> None:
        """Saves the closing note of a ticket and its missing question, if any.

        Masks personal data in the topic, the question and the draft, and encrypts the summary. If an earlier attempt to
        close failed halfway, a second call replaces the note but adds no second missing question.
        """
        row = {
            "staff_id": staff,
            "outcome": closing.outcome.value,
            "topic": masked(closing.topic),
            "summary": closing.summary,
        }
        async with self._sessions.begin() as session:
            await take_of(session, Lock.CLOSINGS, ticket)  # else two at once would both be the first
            first = await session.get(Closing, ticket) is None
            if await session.get(Ticket, ticket):  # else the record lags, and the worker encrypts the summary later
                stored = await encrypt_row(session, Closing, conversation, row | {"ticket_id": ticket})
                row = row | {"summary": stored["summary"]}
            statement = insert(Closing).values(ticket_id=ticket, **row)
            await session.execute(statement.on_conflict_do_update(index_elements=[Closing.ticket_id], set_=row))
            if closing.missing and first:
                missing = {"staff_id": staff, "team": team, "conversation_id": conversation}
                missing |= {name: masked(words) for name, words in closing.missing.model_dump().items()}
                await session.execute(insert(MissingEntry).values(**missing))

    async def take_back(self, ticket: str, staff: UUID) -> None:
        """Deletes the closing note that ``staff`` saved for a ticket that somebody else took before it was closed."""
        own = (Closing.ticket_id == ticket) & (Closing.staff_id == staff)
        async with self._sessions.begin() as session:
            await session.execute(delete(Closing).where(own))

    async def missing(self) -> list[Missing]:
        """Returns at most SHOWN questions that the FAQ does not answer, newest first.

        Masks the drafts, since older ones are stored unmasked. Leaves out questions from blocked conversations, and
        questions on which an editor has decided in the backlog (bot/learning/backlog), unless the decision was to
        ignore them.
        """
        settled = (
            select(BacklogItem.missing_id)
            .join(BacklogDecision, BacklogDecision.id == BacklogItem.decision_id)
            .where(BacklogItem.missing_id.is_not(None), BacklogDecision.kind != Kind.IGNORED.value)
        )
        of = MissingEntry.conversation_id
        open_ones = of.is_(None) | of.not_in(blocked_conversations())
        query = (
            select(MissingEntry, Staff.name)
            .outerjoin(Staff, Staff.id == MissingEntry.staff_id)
            .where(MissingEntry.id.not_in(settled), open_ones)
            .order_by(MissingEntry.id.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [Missing(one.id, one.at, name or "", one.team, one.question, masked(one.draft)) for one, name in rows]

    async def settled(self, id: int, *, by: UUID) -> None:
        """Deletes a missing question that an editor has settled, and adds an audit row unless it was deleted before."""
        async with self._sessions.begin() as session:
            gone = await session.scalar(delete(MissingEntry).where(MissingEntry.id == id).returning(MissingEntry.id))
            if gone is not None:
                add_audit(session, Action.MISSING_SETTLED, staff_id=by, subject=str(id))
