"""Defines the tables of spikes: citizens per minute, alarms, and the unanswered questions with their groups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import REAL, BigInteger, ForeignKey, Index, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class SpikeMinute(Base):
    """The number of citizens who wrote in a minute, for each stream of messages (bot/spikes/history.py).

    Each citizen counts at most once an hour in a stream.
    """

    __tablename__ = "spike_minutes"

    minute: Mapped[datetime] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    citizens: Mapped[int] = mapped_column(SmallInteger)


class Spike(Base):
    """An alarm about a spike, with its strongest count: ``citizens`` in ``window`` minutes, usually ``expected``.

    ``chance`` is the probability of such a count without a spike. ``streams`` are the unusual streams of messages,
    strongest first. ``since`` is the start of the first count's window, ``last_at`` the end of the last count's window.
    ``state`` is ``open``, then ``harmless`` or ``noticed``, set by ``closed_by``. ``told`` are the recipients who got
    the alarm, and ``tries`` is the number of attempts.
    """

    __tablename__ = "spikes"
    __table_args__ = (Index("spikes_by_time", "last_at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    since: Mapped[datetime]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_at: Mapped[datetime]
    streams: Mapped[list[str]]
    citizens: Mapped[int]
    expected: Mapped[float] = mapped_column(REAL)
    window: Mapped[int] = mapped_column(SmallInteger)
    chance: Mapped[float]
    state: Mapped[str] = mapped_column(server_default="open")
    closed_by: Mapped[str] = mapped_column(server_default="")
    closed_at: Mapped[datetime | None]
    told: Mapped[list[str]] = mapped_column(server_default="{}")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")


class SpikeQuestion(Base):
    """A citizen's message that no entry answered, without its text; ``event_id`` identifies it in ``messages``.

    ``vector`` is a unit vector of little-endian float16 made by ``encoder``; NULL until it is computed. ``spike_id`` is
    the alarm about a group to which the message belongs.
    """

    __tablename__ = "spike_questions"
    __table_args__ = (Index("spike_questions_by_time", "at"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    encoder: Mapped[str] = mapped_column(server_default="")
    vector: Mapped[bytes | None]
    spike_id: Mapped[int | None] = mapped_column(ForeignKey("spikes.id", ondelete="SET NULL"))


class SpikeGroup(Base):
    """A group of ``citizens`` who asked the same question in the ``window`` minutes before ``at``.

    ``expected`` is the usual number. The rows are kept so that each night the threshold is learned from the groups of
    the last weeks. A row with the ``window`` 0 is not a group: it records that groups were searched for on that day.
    """

    __tablename__ = "spike_groups"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    window: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    citizens: Mapped[int]
    expected: Mapped[float] = mapped_column(REAL)
