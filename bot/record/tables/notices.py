"""Defines the tables of public notices, their checklists and proofs, approvals of packs, and reminders of drills."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, Index, SmallInteger, UniqueConstraint, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class Notice(Base):
    """A revision of a public notice: ``draft``, then ``running``, then ``ended``; only a draft's text changes.

    ``number`` is the same for all revisions of a notice. ``version`` counts the saves of a draft; an approval names the
    version that was read. ``signed`` is the signature, and ``utterances`` are possible messages of people who ask about
    the notice. A ``starts_at`` of None means immediately; ``ends_at`` is set on publication, ``hours`` after the start.
    ``reason`` is why the author published it without a second person, or ''. ``ended`` is lifted, replaced or
    discarded; '' if the notice ended at its time or has not ended. ``measures`` have the form of
    bot/public_notices/measures.py; ``lifted`` maps the key of each measure that was lifted before the notice ended to
    the name of the person who lifted it and the time.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("number", "revision"),
        Index("notices_open", "id", postgresql_where=text("state IN ('draft', 'running')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1")
    text: Mapped[str]
    severity: Mapped[str]
    signed: Mapped[str]
    sectors: Mapped[list[str]] = mapped_column(server_default="{}")
    utterances: Mapped[list[str]] = mapped_column("wordings", server_default="{}")
    entries: Mapped[list[str]] = mapped_column(server_default="{}")  # ids of the FAQ entries that the notice replaces
    starts_at: Mapped[datetime | None]
    hours: Mapped[int] = mapped_column(SmallInteger)
    ends_at: Mapped[datetime | None]
    drill: Mapped[bool] = mapped_column(server_default=false())
    measures: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    lifted: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, server_default="{}")
    pack: Mapped[str] = mapped_column(server_default="")  # name of the pack from which the draft was made; '' if none
    author_id: Mapped[uuid.UUID | None]  # None: the command line
    author_name: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())  # when the text was last changed
    approver_id: Mapped[uuid.UUID | None]
    approver_name: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    ended: Mapped[str] = mapped_column(server_default="")
    ended_by: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None]


class NoticeStep(Base):
    """A completed step of a notice's checklist.

    ``step`` is the step's text, so that a change of the checklist does not affect it.
    """

    __tablename__ = "notice_steps"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class PackApproval(Base):
    """An approval of a pack's contents, named by their ``hash``; a changed pack has no approval."""

    __tablename__ = "pack_approvals"

    pack: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID]
    name: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class DrillReminder(Base):
    """A reminder that no drill took place, at most one a month; ``month`` is the first day of the month."""

    __tablename__ = "drill_reminders"

    month: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class NoticeProof(Base):
    """The proof that every process (``shown``) and channel showed a ``version`` of the running notices (NoticeSet)."""

    __tablename__ = "notice_proofs"

    version: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    took_ms: Mapped[int]  # ms from the change to the proof
    shown: Mapped[list[str]]
    channels: Mapped[list[str]]
