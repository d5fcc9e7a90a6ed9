"""Defines the tables of citizens' ratings of support sessions and of answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class Rating(Base):
    """A citizen's rating of a support session: 1 (very bad) to 5 (very good), with an optional comment."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 5", name="opinions_score"),)

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    score: Mapped[int] = mapped_column(SmallInteger)
    words: Mapped[str]


class AnswerRating(Base):
    """A citizen's newest rating of an answer: whether it helped, and the reason if it did not ('' if unknown).

    ``answer`` is the rating id that the question «¿Te sirvió?» carried.
    """

    __tablename__ = "answer_ratings"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    answer: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    entry: Mapped[str]
    version: Mapped[str]
    useful: Mapped[bool]
    reason: Mapped[str]
