"""Defines the tables of broadcasts: citizens who asked for notices, broadcasts of notices to them, and recipients."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class Subscription(Base):
    """A citizen who asked for notices («avísame»); ``address`` is NULL if they wrote «baja» later.

    The row outlives the conversation, since a notice may come months later; erasing the citizen's data deletes it.
    """

    __tablename__ = "subscriptions"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str | None]  # encrypted
    at: Mapped[datetime]
    code: Mapped[str] = mapped_column(
        server_default=""
    )  # code of a test message that staff asked for on their own phone


class Broadcast(Base):
    """A broadcast: a notice that is sent to all subscribers.

    ``state`` is ``planned``, then ``running`` or ``stopped``, and ``done`` once every recipient is processed.
    """

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index("broadcasts_open", "id", postgresql_where=text("state IN ('planned', 'running', 'stopped')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), unique=True)
    state: Mapped[str]
    author_id: Mapped[uuid.UUID]
    author_name: Mapped[str]
    planned_at: Mapped[datetime] = mapped_column(server_default=func.now())
    starter_name: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class BroadcastRecipient(Base):
    """A citizen who was subscribed when the broadcast was planned.

    ``state`` is ``planned``, then ``sent``, ``off`` (the citizen wrote «baja») or ``closed`` (the channel no longer
    allows messages to the citizen). A message that was sent, but withdrawn from the outbox, is ``withdrawn``.
    """

    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        Index("broadcast_recipients_planned", "broadcast_id", postgresql_where=text("state = 'planned'")),
    )

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime | None]
