"""Defines the tables of data requests, erasures, legal holds, removed messages, keys, and audit signatures."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Select, false, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base
from bot.record.tables.conversations import Conversation


class ErasedConversation(Base):
    """An erased conversation.

    ``receipt`` is the citizen's receipt number, and ``by`` is a By of bot/privacy/erasures.py.
    """

    __tablename__ = "erasures"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str]


class ConversationKey(Base):
    """The key of a conversation's encrypted texts, wrapped by the master key with the id ``master``.

    A conversation gets a second key only if the first one's master key was unknown when the key was needed.
    """

    __tablename__ = "conversation_keys"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    master: Mapped[str] = mapped_column(index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class LegalHold(Base):
    """A legal hold, during which no data of the conversation are deleted (bot/privacy/holds.py).

    On ``review_on`` staff should decide whether it still has a reason. If it was placed on the command line,
    ``placed_by`` is NULL and ``name`` is ''.
    """

    __tablename__ = "legal_holds"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    reason: Mapped[str]
    review_on: Mapped[date]
    at: Mapped[datetime]
    placed_by: Mapped[uuid.UUID | None]
    name: Mapped[str]


class PrivacyRequest(Base):
    """A request about personal data, kept as proof that it was answered in time.

    ``kind`` is a RequestKind. ``channel`` is a Channel or another way, such as a letter. ``conversation_id`` is NULL if
    the request concerns no conversation or an erased one. ``state`` is a RequestState (privacy_requests.py).
    ``identity`` says how the person proved their identity. ``answer`` is the agency's answer; ``note`` is for staff.
    """

    __tablename__ = "privacy_requests"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(index=True)
    channel: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    extension: Mapped[str] = mapped_column(default="")  # reason of the extension; '' if there was none
    state: Mapped[str]
    identity: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None]


class RemovedMessage(Base):
    """A message that the staff member ``name`` removed; ``done`` is true once its text is deleted from every store."""

    __tablename__ = "removed_messages"
    __table_args__ = (Index("removed_messages_open", "at", postgresql_where=text("NOT done")),)

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    name: Mapped[str]
    done: Mapped[bool] = mapped_column(server_default=false(), default=False)


class AuditSignature(Base):
    """A signature of the audit log's chain up to the link ``seq``, whose hash was ``seal`` (audit_signatures.py)."""

    __tablename__ = "audit_signatures"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seal: Mapped[str]
    signature: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


def blocked_conversations() -> Select[str]:
    """Builds the query for the ids of the conversations whose data is blocked."""
    return select(Conversation.id).where(Conversation.blocked_at.is_not(None))


def kept_conversations() -> Select[str]:
    """Builds the query for the ids of the conversations whose data must be kept: the blocked and held ones."""
    held = Conversation.id.in_(select(LegalHold.conversation_id))
    return select(Conversation.id).where(Conversation.blocked_at.is_not(None) | held)
