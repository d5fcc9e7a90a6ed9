"""Defines the tables of figures: one row for each episode, how far conversations are read, published months."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import REAL, BigInteger, ForeignKey, Index, SmallInteger, false, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Boolean

from bot.record.base import Base


class Episode(Base):
    """One engagement of a citizen, from their first message until nothing follows for hours; see bot/figures.

    It holds neither text nor address. It outlives its conversation, without ``conversation_id`` then, so that figures
    of old months remain and tell of nobody. ``day`` and ``hour`` are those of the agency's time zone.

    ``entries``, ``versions``, ``probabilities`` and ``useful`` have one element for each answer; an element of
    ``useful`` is what the citizen said to «¿Te sirvió?», NULL if nothing. Times and ``stars`` are of the first handoff.
    """

    __tablename__ = "episodes"
    __table_args__ = (
        Index("episodes_by_day", "day"),
        Index("episodes_by_conversation", "conversation_id"),
        Index(
            "episodes_people",
            "day",
            postgresql_include=["channel", "conversation_id", "first_of_month"],
            postgresql_where=text("NOT drill"),
        ),
        Index(
            "episodes_waits",
            "day",
            postgresql_include=["channel", "team", "handed_at", "claimed_at", "replied_at", "stars"],
            postgresql_where=text("NOT drill AND handed_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    channel: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    day: Mapped[date]
    hour: Mapped[int] = mapped_column(SmallInteger)
    first_of_month: Mapped[bool]  # the citizen's first episode of its month
    returned_at: Mapped[datetime | None]  # start of the citizen's next episode
    trigger: Mapped[str]  # a Trigger of bot/figures/episodes.py
    ending: Mapped[str]  # an Ending of bot/figures/episodes.py
    messages: Mapped[int]  # from the citizen
    theme: Mapped[str]  # topic of the first entry that was answered, else offered or thought of; '' if none
    entries: Mapped[list[str]]
    versions: Mapped[list[str]]
    probabilities: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    useful: Mapped[list[bool | None]] = mapped_column(ARRAY(Boolean))
    asked_useful: Mapped[int] = mapped_column(SmallInteger)  # answers below which «¿Te sirvió?» was asked
    said_useful: Mapped[int] = mapped_column(SmallInteger)
    said_useless: Mapped[int] = mapped_column(SmallInteger)
    said_other: Mapped[int] = mapped_column(SmallInteger)  # of these, «No era eso»
    offers: Mapped[int] = mapped_column(SmallInteger)  # times that entries were offered to choose from
    choices: Mapped[int] = mapped_column(SmallInteger)  # times that one of them was chosen
    reason: Mapped[str]  # HandoffReason, '' without a handoff
    team: Mapped[str]
    outcome: Mapped[str]
    handed_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]  # first message of a person
    closed_at: Mapped[datetime | None]
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    danger: Mapped[bool] = mapped_column(server_default=false())
    crisis: Mapped[bool] = mapped_column(server_default=false())
    drill: Mapped[bool] = mapped_column(server_default=false())


class EpisodeDay(Base):
    """A day whose sums in ``episode_sums`` are those of its episodes; a trigger deletes the row if one changes.

    ``version`` names the definitions that were summed. The sums hold for questions asked from ``settled_at`` on.
    """

    __tablename__ = "episode_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[str]
    settled_at: Mapped[datetime]


class EpisodeSum(Base):
    """Sums over the episodes of a day and channel; ``kind`` and ``key`` tell of what (bot/figures/rollup.py)."""

    __tablename__ = "episode_sums"

    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    second: Mapped[int] = mapped_column(BigInteger)
    third: Mapped[int] = mapped_column(BigInteger)


class FigureMonth(Base):
    """The figures of a month as they were published; small counts are hidden. They never change."""

    __tablename__ = "figure_months"

    month: Mapped[date] = mapped_column(primary_key=True)  # its first day
    figures: Mapped[dict[str, Any]]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    mailed_at: Mapped[datetime | None]  # when its report was sent by e-mail


class EpisodeMark(Base):
    """Up to which time the events of a conversation are in its episodes."""

    __tablename__ = "episode_marks"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    read_up_to: Mapped[datetime]
