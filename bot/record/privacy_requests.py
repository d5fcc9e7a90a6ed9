"""Writes and finds requests about personal data, each with a receipt number and a deadline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import PrivacyRequestFacts
from bot.core.events import Event
from bot.record.engine import Sessions
from bot.record.tables.privacy import ErasedConversation, PrivacyRequest

RECEIPT = re.compile(r"(?<![\w-])([PD])\s?[-–]\s?([2-9CDFGHJKMNPQRTVWXYZ]{8})(?![\w-])", re.IGNORECASE)


class RequestState(StrEnum):
    """The state of a request about personal data: open, fulfilled (DONE) or refused."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class RequestStatus:
    """The data about a request that anybody with its receipt number may see."""

    kind: str
    state: RequestState
    due_at: datetime
    answered_at: datetime | None


def receipt_in(text: str) -> str:
    """Returns the first receipt number in a text, such as ``P-4F7K92QX``; '' if there is none."""
    found = RECEIPT.search(text)
    return f"{found[1]}-{found[2]}".upper() if found else ""


async def write_request(session: AsyncSession, event: Event, facts: PrivacyRequestFacts, *, channel: str) -> None:
    """Adds a request that a citizen made in the chat, unless already stored."""
    row = {
        "receipt": facts.receipt,
        "conversation_id": event.conversation,
        "channel": channel,
        "kind": facts.request,
        "at": datetime.fromtimestamp(event.at / 1000, UTC),
        "due_at": datetime.fromtimestamp(facts.due / 1000, UTC),
        "state": RequestState.OPEN.value,
    }
    await session.execute(insert(PrivacyRequest).values(**row).on_conflict_do_nothing())


class RequestBook:
    """The requests about personal data, for citizens who ask about their state.

    The methods may raise SQLAlchemyError and OSError.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def status(self, receipt: str) -> RequestStatus | None:
        """Returns the state of the request, or of the erasure in the chat, with this receipt; None if there is none."""
        async with self._sessions() as session:
            if one := await session.get(PrivacyRequest, receipt):
                return RequestStatus(one.kind, RequestState(one.state), one.due_at, one.answered_at)
            erased = await session.scalar(select(ErasedConversation).where(ErasedConversation.receipt == receipt))
        return RequestStatus("erasure", RequestState.DONE, erased.at, erased.at) if erased else None
