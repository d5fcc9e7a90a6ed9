"""Defines the tables of spikes: citizens by minute, and the alarms that were raised over them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import REAL, BigInteger, Index, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from bot.record.base import Base


class SpikeMinute(Base):
    """How many citizens wrote in a minute, by stream (bot/spikes/history.py); each counts once an hour in a stream."""

    __tablename__ = "spike_minutes"

    minute: Mapped[datetime] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    citizens: Mapped[int] = mapped_column(SmallInteger)


class Spike(Base):
    """An alarm: of the strongest count, ``citizens`` in ``window`` minutes where ``expected`` are usual.

    ``streams``: what stood out, the strongest first. ``since`` is when the window of the first count began, ``last_at``
    the end of the last one. ``state``: open, then ``harmless`` or ``noticed`` by the person ``closed_by``. ``told``:
    who has got the alarm, ``tries`` how often it was attempted.
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
