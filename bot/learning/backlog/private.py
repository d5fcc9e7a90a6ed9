"""Says which conversations the backlog never shows: those with an emergency."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from bot.core.messages import Priority
from bot.record.tables import Ticket


def private_conversations() -> Select[Any]:
    """Selects the ids of the conversations from which editors get nothing, whatever was said in them."""
    return select(Ticket.conversation_id).where(Ticket.priority == Priority.EMERGENCY)
