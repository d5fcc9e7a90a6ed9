"""Defines the sort key that puts a conversation's recorded messages in the order of its event log."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func

from bot.record.tables import Message

ID_DIGITS = 20  # each number of an event id has 64 bits


def log_order(message: type[Message] = Message) -> ColumnElement[str]:
    """Returns the sort key of a message: both numbers of its event id, padded with zeros.

    ``message`` is the table or an alias of it.
    """
    # Several recorders write at the same time, so the rows' own ids are not in the order of the event log.
    numbers = (func.lpad(func.split_part(message.event_id, "-", part), ID_DIGITS, "0") for part in (1, 2))
    return func.concat(*numbers)
