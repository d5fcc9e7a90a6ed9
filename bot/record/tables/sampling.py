"""Defines the tables of the weekly blind sample of answers, and of the proposals that follow from it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class SampleWeek(Base):
    """A sampled week; ``strata`` maps each stratum to its number of answers and the number drawn."""

    __tablename__ = "sample_weeks"

    week: Mapped[date] = mapped_column(primary_key=True)  # the week's Monday
    strata: Mapped[dict[str, Any]]
    drawn_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SampledAnswer(Base):
    """An answer drawn for judgment; ``chance`` is the probability with which it was drawn.

    ``question`` is masked. ``question`` and ``answer`` become NULL once their retention period is over or the
    conversation has been deleted, which sets ``conversation_id`` to NULL.
    """

    __tablename__ = "sampled_answers"
    __table_args__ = (
        Index("sampled_answers_by_week", "week"),
        Index("sampled_answers_by_conversation", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    week: Mapped[date] = mapped_column(ForeignKey("sample_weeks.week", ondelete="CASCADE"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    entry: Mapped[str]
    probability: Mapped[float]
    stratum: Mapped[str]
    chance: Mapped[float]
    question: Mapped[str | None]
    answer: Mapped[str | None]
    verdict: Mapped[str | None]  # a Verdict of bot/figures/sampling/samples.py
    judged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    judged_at: Mapped[datetime | None]


class CautionProposal(Base):
    """A proposal to answer more cautiously, made because more answers were wrong than promised.

    ``promised``, ``found``, ``low`` and ``high`` are wrong answers per 100, over the newest ``weeks``. ``ratio`` is the
    minimum factor by which the assistant multiplies its expected mistakes, from the acceptance until ``ended_at``.
    ``accepted`` is NULL until somebody decides; ``mailed_at`` is when staff were notified by e-mail.
    """

    __tablename__ = "caution_proposals"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    weeks: Mapped[int]
    promised: Mapped[float]
    found: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    ratio: Mapped[float]
    mailed_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
