"""Defines the table of erased conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class ErasedConversation(Base):
    """A conversation that was erased; the citizen got the ``receipt``. ``by``: a By of bot/privacy/erasures.py."""

    __tablename__ = "erasures"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str]
