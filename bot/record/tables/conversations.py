"""Defines the tables of conversations, tickets, staff, canned replies, and the audit log.

Also defines the tables of what belongs to a ticket: notes, pending approvals, closings, missing entries and call-backs.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class Conversation(Base):
    """One citizen on one channel; ``id`` is HMAC(secret, channel, address).

    ``known`` contains the citizen's language, commune and other user attributes, last changed at ``known_at``.
    ``processed_up_to`` is the time of the newest processed message from the citizen. ``blocked_at`` is when the data
    was blocked: blocked data is kept, but neither read, searched, counted nor learned from.
    """

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_blocked", "id", postgresql_where=text("blocked_at IS NOT NULL")),)

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str | None]  # encrypted; stored only while an answer may have to be sent
    started_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    known: Mapped[dict[str, str]] = mapped_column(server_default="{}")  # dimension -> value
    known_at: Mapped[datetime | None]
    processed_up_to: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]


class Message(Base):
    """A message from a citizen, the assistant or staff; the unique ``event_id`` prevents duplicate rows.

    ``text``, and attachments and place in ``data``, are encrypted (bot/record/transcripts). ``terms`` are the search
    terms. If ``terms`` is NULL, the row was written by an older release: it is unencrypted, and ``masked`` is the text
    with personal data masked. Messages are read in the order of ``event_id`` (log_order.py); ``id`` is the order in
    which rows were written.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "event_id"),
        Index("messages_terms", "terms", postgresql_using="gin"),
        Index("messages_words", text("search_words(coalesce(masked, text))"), postgresql_using="gin"),
        Index("messages_in_clear", "id", postgresql_where=text("terms IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    author: Mapped[str]
    text: Mapped[str]
    masked: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    terms: Mapped[str | None] = mapped_column(TSVECTOR)


class Ticket(Base):
    """One handoff from queue to closing, with all data that recovery needs to restore the ticket in Redis.

    ``claimed_at`` is the time of the first claim, and ``claimed_by`` is the id of the latest owner. ``owner_name`` is
    the name of the current owner, '' if there is none. ``until`` is when a snooze ends or a call-back is due.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("tickets_by_conversation", "conversation_id"),
        Index("tickets_closed", "closed_at", postgresql_where=text("state = 'closed'")),
        Index("tickets_claimed", "claimed_by", "claimed_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    reason: Mapped[str]
    priority: Mapped[str]
    team: Mapped[str]
    candidates: Mapped[list[dict[str, str | float]]] = mapped_column(JSONB)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    state: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str] = mapped_column(server_default="")
    summary: Mapped[str] = mapped_column(server_default="")
    returned: Mapped[bool] = mapped_column(server_default=false())
    until: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class Note(Base):
    """A note of staff on a ticket; citizens never see it."""

    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("conversation_id", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    at: Mapped[datetime]
    ticket_id: Mapped[str]
    staff_id: Mapped[str]
    name: Mapped[str]
    text: Mapped[str]


class PendingApproval(Base):
    """An answer that waits for approval, stored for recovery; its content is deleted once ``decision`` is set."""

    __tablename__ = "approvals"

    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[str]
    team: Mapped[str]
    words: Mapped[str]
    events: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    due_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")
    decision: Mapped[str] = mapped_column(default="")


class CannedReply(Base):
    """A prepared reply for agents; ``team`` is '' for a reply of all teams."""

    __tablename__ = "canned_replies"
    __table_args__ = (UniqueConstraint("shortcut", "team"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    shortcut: Mapped[str]
    team: Mapped[str]
    text: Mapped[str]


class Closing(Base):
    """The end of a support session, as reported by the agent who closed it."""

    __tablename__ = "closings"

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    staff_id: Mapped[uuid.UUID]
    outcome: Mapped[str]
    topic: Mapped[str]
    summary: Mapped[str] = mapped_column(server_default="")


class MissingEntry(Base):
    """A question that the FAQ does not answer, with a draft answer for the editors."""

    __tablename__ = "missing_entries"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    staff_id: Mapped[uuid.UUID]
    team: Mapped[str]
    question: Mapped[str]
    draft: Mapped[str]
    conversation_id: Mapped[str | None] = mapped_column(index=True)  # where the question was asked; NULL in older rows


class Callback(Base):
    """A call-back request.

    ``encrypted`` is the contact, NULL once deleted, and ``shown`` is the masked contact. ``outcome`` is NULL while the
    request is open. The owner of the request's ticket is the agent who calls.
    """

    __tablename__ = "callbacks"
    __table_args__ = (UniqueConstraint("conversation_id", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[str]
    number: Mapped[str]
    ticket_id: Mapped[str] = mapped_column(index=True)
    team: Mapped[str]
    contact_kind: Mapped[str]
    shown: Mapped[str]
    encrypted: Mapped[str | None]
    part_of_day: Mapped[str]
    asked_at: Mapped[datetime]
    consented_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    promised_at: Mapped[datetime | None]  # the first due time; NULL if unknown, for some requests before migration 0047
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)


class CallbackAttempt(Base):
    """An attempt to call a citizen back, and its result."""

    __tablename__ = "callback_attempts"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    result: Mapped[str]
    note: Mapped[str]


class Staff(Base):
    """An account of a staff member; ``oidc_subject`` is its id at the identity provider, NULL if there is none.

    ``totp_secret`` is encrypted, NULL without a second factor; ``totp_step`` is the time step of the last code used.
    """

    __tablename__ = "staff"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    roles: Mapped[list[str]]
    teams: Mapped[list[str]] = mapped_column(server_default="{}")  # empty: all teams
    languages: Mapped[list[str]] = mapped_column(server_default="{}")  # besides Spanish
    capacity: Mapped[int] = mapped_column(SmallInteger, server_default="0")  # 0: the agency's default
    active: Mapped[bool] = mapped_column(default=True)
    inactive_since: Mapped[datetime | None]  # when it was deactivated
    must_change_password: Mapped[bool] = mapped_column(default=True)
    password_expires_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StaffSession(Base):
    """A session of a signed-in browser; stores only the SHA-256 of its token."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    user_agent: Mapped[str] = mapped_column(default="")
    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    network: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    awaits_code: Mapped[bool] = mapped_column(default=False)


class RecoveryCode(Base):
    """A one-time recovery code for the second factor; stores only its hash, until the code is used."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]


class Audit(Base):
    """An audited action; only retention can delete rows. ``staff_id`` is NULL if the action was not one of staff."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_by_staff", "staff_id", "id"),
        Index("audit_rollout", "id", postgresql_where=text("action = 'rollout_changed'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    staff_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AuditSeal(Base):
    """A link of the audit log's hash chain; a trigger writes ``seal``, the SHA-256 of the last seal and the row."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    seal: Mapped[str]
