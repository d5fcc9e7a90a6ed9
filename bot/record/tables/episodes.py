"""Defines the tables of figures: episodes, their daily sums, and published months.

Also defines the table of the time up to which each conversation's events have been turned into episodes, and the tables
that count messages per conversation and day on channels with a reply window (WhatsApp).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Boolean

from bot.record.base import Base

CALL = ("call_asked_at", "call_promised_at", "called_at", "call_outcome")


class Episode(Base):
    """A citizen's engagement; it ends when hours pass without a message and without an open ticket (bot/figures).

    An episode contains neither texts nor addresses. It outlives its conversation, and then has no ``conversation_id``,
    so that figures of old months remain but identify nobody. ``day`` and ``hour`` are in the agency's time zone.

    ``entries``, ``versions``, ``probabilities`` and ``useful`` have one element per answer; an element of ``useful`` is
    the citizen's reply to «¿Te sirvió?», NULL if there was none. ``reason``, ``team``, ``outcome`` and the times that
    follow ``handed_at`` belong to the first handoff, ``stars`` to the first rated one. ``segments`` maps the segments
    that the agency chose to values of a closed list; those that are unknown are missing.
    """

    __tablename__ = "episodes"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
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
        Index(
            "episodes_calls",
            "day",
            postgresql_include=["channel", "team", *CALL],
            postgresql_where=text("NOT drill AND call_asked_at IS NOT NULL"),
        ),
        Index("episodes_drills", "day", postgresql_where=text("drill")),
        {"postgresql_partition_by": "RANGE (day)"},  # by month, see bot/record/migrate.py
    )

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    channel: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    day: Mapped[date]
    hour: Mapped[int] = mapped_column(SmallInteger)
    first_of_month: Mapped[bool]  # the citizen's first episode of its month
    returned_at: Mapped[datetime | None]  # start of the citizen's next episode
    trigger: Mapped[str]  # a Trigger of bot/figures/facts/episodes.py
    ending: Mapped[str]  # an Ending of bot/figures/facts/episodes.py
    messages: Mapped[int]  # from the citizen
    theme: Mapped[str]  # topic of the first answered entry, else of the first offered or considered one; '' if none
    entries: Mapped[list[str]]
    versions: Mapped[list[str]]
    probabilities: Mapped[list[float]] = mapped_column(ARRAY(REAL))
    useful: Mapped[list[bool | None]] = mapped_column(ARRAY(Boolean))
    asked_useful: Mapped[int] = mapped_column(SmallInteger)  # number of answers with the question «¿Te sirvió?»
    said_useful: Mapped[int] = mapped_column(SmallInteger)
    said_useless: Mapped[int] = mapped_column(SmallInteger)
    # Number of answers rated useless with the reason «No era eso».
    said_other: Mapped[int] = mapped_column(SmallInteger)
    offers: Mapped[int] = mapped_column(SmallInteger)  # number of times that entries were offered as choices
    choices: Mapped[int] = mapped_column(SmallInteger)  # number of times that the citizen chose an offered entry
    reason: Mapped[str]  # HandoffReason, '' without a handoff
    team: Mapped[str]
    outcome: Mapped[str]
    handed_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]  # first message of an agent
    closed_at: Mapped[datetime | None]
    stars: Mapped[int | None] = mapped_column(SmallInteger)
    # The last call-back asked for: its promised time, the first attempt, and how it ended, '' while it is open.
    call_asked_at: Mapped[datetime | None]
    call_promised_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    call_outcome: Mapped[str] = mapped_column(server_default="")
    judged_entry: Mapped[str] = mapped_column(server_default="")  # the assistant's (staff_signal.py)
    staff_entry: Mapped[str] = mapped_column(server_default="")  # the first that an agent sent after the handoff
    danger: Mapped[bool] = mapped_column(server_default=false())
    crisis: Mapped[bool] = mapped_column(server_default=false())
    drill: Mapped[bool] = mapped_column(server_default=false())
    segments: Mapped[dict[str, str]] = mapped_column(server_default="{}")  # see bot/agency/figure_settings.py


class EpisodeDay(Base):
    """A day whose rows in ``episode_sums`` and ``episode_values`` are valid.

    A trigger deletes the row if one of the day's rows in ``episodes`` or ``window_days`` changes. ``version``
    identifies the definitions of the sums. They are complete for queries made at ``settled_at`` or later; if it is
    NULL, the day is open, and its sums lack the figures that depend on the current time.
    """

    __tablename__ = "episode_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    version: Mapped[str]
    settled_at: Mapped[datetime | None]
    segments: Mapped[list[str]] = mapped_column(server_default="{}")  # those whose parts have sums of their own


class EpisodeSum(Base):
    """Sums over the episodes or the WindowDay rows of a day and channel.

    ``kind`` and ``key`` say what was summed (bot/figures/daily). ``part`` is '' for all episodes, else the part of a
    segment.
    """

    __tablename__ = "episode_sums"

    part: Mapped[str] = mapped_column(primary_key=True, server_default="")
    kind: Mapped[str] = mapped_column(primary_key=True)  # before the day, since pages read one kind of many days
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    second: Mapped[int] = mapped_column(BigInteger)
    third: Mapped[int] = mapped_column(BigInteger)


class EpisodeValues(Base):
    """The data of a day that cannot be summed: ``numbers`` are persons or values (bot/figures/daily/values.py).

    A row is valid if its day has an EpisodeDay; the trigger that deletes the EpisodeDay also deletes this row. ``team``
    is '' for persons, and the hour, topic or segment for the kinds of people.py.
    """

    __tablename__ = "episode_values"

    part: Mapped[str] = mapped_column(primary_key=True, server_default="")  # as in EpisodeSum
    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    numbers: Mapped[bytes]


class WindowDay(Base):
    """The messages of one conversation on one day, on a channel with a reply window such as WhatsApp.

    ``windows`` counts the reply windows that opened on the day, ``inside`` the messages sent within a window, and
    ``templates`` the messages sent outside. A row outlives its conversation, as an Episode does.
    """

    __tablename__ = "window_days"
    __table_args__ = (
        Index("window_days_by_conversation", "conversation_id"),
        Index(
            "window_days_by_day",
            "day",
            postgresql_include=["channel", "windows", "received", "inside", "templates"],
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    channel: Mapped[str]
    day: Mapped[date]  # in the agency's time zone
    at: Mapped[datetime]  # of the day's first message
    windows: Mapped[int]
    received: Mapped[int]
    inside: Mapped[int]
    templates: Mapped[int]


class WindowStart(Base):
    """The first day that ``window_days`` counts completely; the table has no row if all days are counted."""

    __tablename__ = "window_start"

    day: Mapped[date] = mapped_column(primary_key=True)


class FigureMonth(Base):
    """A month's published figures, with small counts hidden; later changes of the data do not affect them."""

    __tablename__ = "figure_months"

    month: Mapped[date] = mapped_column(primary_key=True)  # the first day of the month
    figures: Mapped[dict[str, Any]]
    published_at: Mapped[datetime] = mapped_column(server_default=func.now())
    mailed_at: Mapped[datetime | None]  # when the month's report was sent by e-mail


class EpisodeMark(Base):
    """The time up to which a conversation's events have been read into episodes.

    ``number`` stands for the conversation in ``episode_values``.
    """

    __tablename__ = "episode_marks"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    read_up_to: Mapped[datetime]
    number: Mapped[int] = mapped_column(Identity(), unique=True)
