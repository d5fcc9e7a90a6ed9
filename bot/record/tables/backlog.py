"""Defines the tables of the editors' backlog: citizens' questions without a good entry (bot/learning/backlog)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class BacklogDecision(Base):
    """An editor's decision on a group of items; items of the same meaning do not reappear before ``until``.

    ``kind`` is a Kind of bot/learning/backlog/decisions.py. ``target`` is the id of the entry or of the topic, '' if
    the group was ignored. ``name`` is the editor's.
    """

    __tablename__ = "backlog_decisions"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    until: Mapped[datetime]
    kind: Mapped[str]
    target: Mapped[str] = mapped_column(server_default="")
    staff_id: Mapped[uuid.UUID]
    name: Mapped[str]


class BacklogItem(Base):
    """A citizen's message that no entry answered well, or a question that staff found missing; the text is masked.

    ``source`` is a Source of bot/learning/backlog/reading.py. ``ref`` is the event id of the message, or
    ``missing-<id>``. ``entries`` are the ids of the entries that the citizen may mean, likeliest first; if ``source``
    is a label, only the right one. ``denied`` are the ids of entries that were sent and judged not to answer the
    message. ``reply`` is staff's answer. ``vector`` contains float16 numbers from the encoder with the fingerprint
    ``encoder``.
    """

    __tablename__ = "backlog_items"
    __table_args__ = (
        UniqueConstraint("conversation_id", "ref"),
        Index("backlog_items_at", "at"),
        Index("backlog_items_decided", "decision_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    missing_id: Mapped[int | None] = mapped_column(ForeignKey("missing_entries.id", ondelete="CASCADE"), unique=True)
    source: Mapped[str]
    ref: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    entries: Mapped[list[str]] = mapped_column(server_default="{}")
    denied: Mapped[list[str]] = mapped_column(server_default="{}")
    reason: Mapped[str] = mapped_column(server_default="")
    reply: Mapped[str] = mapped_column(server_default="")
    team: Mapped[str] = mapped_column(server_default="")
    staff_name: Mapped[str] = mapped_column(server_default="")
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    encoder: Mapped[str] = mapped_column(server_default="")
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("backlog_decisions.id", ondelete="SET NULL"))


class BacklogMark(Base):
    """The time up to which a conversation's messages have been read into the backlog."""

    __tablename__ = "backlog_marks"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    read_up_to: Mapped[datetime]
