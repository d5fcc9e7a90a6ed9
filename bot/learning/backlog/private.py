"""Defines private conversations, which no list of examples shows: those with an emergency, and blocked ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, select

from bot.core.messages import Priority
from bot.record.tables import Ticket
from bot.record.tables.privacy import blocked_conversations


def private_conversations() -> CompoundSelect[Any]:
    """Builds the query for the ids of private conversations."""
    return select(Ticket.conversation_id).where(Ticket.priority == Priority.EMERGENCY).union(blocked_conversations())
