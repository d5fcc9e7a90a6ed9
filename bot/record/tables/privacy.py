"""Defines the tables of erased conversations and of signatures of the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class ErasedConversation(Base):
    """A conversation that was erased; the citizen got the ``receipt``. ``by``: a By of bot/privacy/erasures.py."""

    __tablename__ = "erasures"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str]


class AuditSignature(Base):
    """A signature of the audit's chain up to the link ``seq``, whose hash was ``seal`` (audit_signatures.py)."""

    __tablename__ = "audit_signatures"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seal: Mapped[str]
    signature: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
