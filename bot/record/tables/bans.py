"""Defines the table of blocked conversations."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class SenderBan(Base):
    """A block of a conversation, until the time ``until`` or until it is lifted; ``reason`` is a key in bloqueos.yml.

    The row outlives the conversation, so that citizens cannot end a block by having their data erased.
    """

    __tablename__ = "sender_bans"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conversation_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    until: Mapped[datetime] = mapped_column(index=True)
    staff_id: Mapped[uuid.UUID]
    name: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str] = mapped_column(server_default="")
