"""How attentions ended, as whoever closed them said: outcome, topic, a line of summary, what the FAQ lacked.

What the FAQ lacked goes to its editors with a draft of the answer. Both are forgotten with the conversations
(bot/record/retention.py).
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

from bot.conversation.inbox import readable
from bot.record.engine import Sessions
from bot.record.tables import Closing, MissingEntry, Staff

MAX_TOPIC = 160
MAX_SUMMARY = 200
MAX_QUESTION = 300
MAX_DRAFT = 4000
MAX_MESSAGE_ID = 200
SHOWN = 200


class Outcome(StrEnum):
    """How an attention ended; in words ``mesa.resultados``."""

    SOLVED = "solved"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    OTHER = "other"


def _clean(text: object) -> object:
    return readable(text).strip() if isinstance(text, str) else text


class Lacking(BaseModel):
    """What the FAQ lacks: the question that citizens ask and a draft of the answer."""

    question: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=MAX_QUESTION)]
    draft: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_DRAFT)] = ""


class CloseIn(BaseModel):
    """What is said on closing: ``topic`` is an entry's question or free words; ``summary``, a line, is for whoever
    attends the citizen next; ``closing_over`` is the newest unanswered message that they were told of."""

    outcome: Outcome = Outcome.SOLVED
    topic: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_TOPIC)] = ""
    summary: Annotated[str, BeforeValidator(_clean), Field(max_length=MAX_SUMMARY)] = ""
    missing: Lacking | None = None
    closing_over: Annotated[str, Field(max_length=MAX_MESSAGE_ID)] = ""


@dataclass(frozen=True)
class Missing:
    """One thing that the FAQ lacks, as editors see it."""

    id: int
    at: datetime
    staff_name: str
    team: str
    question: str
    draft: str


class Closings:
    """Writes and reads them in the record."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def note(self, ticket: str, staff: UUID, said: CloseIn, *, team: str) -> None:
        """Once for each ticket; of whoever closes it after all when an earlier try ended halfway."""
        row = {"staff_id": staff, "outcome": said.outcome.value, "topic": said.topic, "summary": said.summary}
        async with self._sessions.begin() as session:
            first = await session.get(Closing, ticket) is None
            noted = insert(Closing).values(ticket_id=ticket, **row)
            await session.execute(noted.on_conflict_do_update(index_elements=[Closing.ticket_id], set_=row))
            if said.missing and first:
                lacking = {"staff_id": staff, "team": team, **said.missing.model_dump()}
                await session.execute(insert(MissingEntry).values(**lacking))

    async def missing(self) -> list[Missing]:
        """What the FAQ lacks, the newest first."""
        query = (
            select(MissingEntry, Staff.name)
            .outerjoin(Staff, Staff.id == MissingEntry.staff_id)
            .order_by(MissingEntry.id.desc())
            .limit(SHOWN)
        )
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [Missing(one.id, one.at, name or "", one.team, one.question, one.draft) for one, name in rows]

    async def settled(self, id: int) -> None:
        """It is written now, or need not be."""
        async with self._sessions.begin() as session:
            await session.execute(delete(MissingEntry).where(MissingEntry.id == id))
