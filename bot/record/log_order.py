"""Sorts messages of the record as their conversation's event log has them: rows may have been written otherwise."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from bot.record.tables import Message

ID_DIGITS = 20  # each number of an event id has 64 bits


def log_order() -> ColumnElement[str]:
    """Sorts by both numbers of the event id. Several recorders share the work, so a row's own id is no order."""
    numbers = (func.lpad(func.split_part(Message.event_id, "-", part), ID_DIGITS, "0") for part in (1, 2))
    return func.concat(*numbers)
