"""Stores spike alarms in PostgreSQL.

Anomalies (unusually high counts, see detector.py) less than TOGETHER apart belong to one alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.record.tables import Spike
from bot.spikes.detector import Surprise
from bot.spikes.history import GROUP, TOTAL, UNKNOWN
from bot.spikes.replay import TOGETHER_MIN

OPEN, HARMLESS, NOTICED = "open", "harmless", "noticed"
TOGETHER = timedelta(minutes=TOGETHER_MIN)
QUIET = timedelta(hours=3)  # after a person closes an alarm, its streams raise no other alarm for this time
KEPT = timedelta(days=365)
KINDS = {GROUP: -1, UNKNOWN: 1, TOTAL: 2}  # order of streams; topics are not listed here (0)


async def note(session: AsyncSession, found: Sequence[tuple[str, Surprise]], now: datetime) -> Spike | None:
    """Adds anomalies, each with its stream, to the open alarm or to a new one.

    Returns the alarm; None if all anomalies are ignored. A new alarm has ``at`` equal to ``now``. Ignores the streams
    of alarms that were closed less than QUIET ago, except groups, and ignores TOTAL if there are such alarms.
    """
    quiet = await _quiet(session, now)
    heard = leading([one for one in found if one[0] not in quiet])
    if not heard:
        return None
    query = select(Spike).where(Spike.last_at > now - TOGETHER, Spike.state == OPEN).order_by(Spike.id.desc()).limit(1)
    spike = await session.scalar(query.with_for_update())
    streams, lead = list(dict.fromkeys(stream for stream, _ in heard)), heard[0][1]
    if spike is None:
        spike = Spike(since=now - timedelta(minutes=lead.window), at=now, last_at=now, streams=streams, citizens=0)
        session.add(spike)
    if lead.citizens > spike.citizens:
        spike.citizens, spike.expected = lead.citizens, lead.expected
        spike.window, spike.chance = lead.window, lead.chance
        spike.streams = list(dict.fromkeys([*streams, *spike.streams]))
    spike.last_at = now
    spike.streams = list(dict.fromkeys([*spike.streams, *streams]))
    return spike


def leading(found: Sequence[tuple[str, Surprise]]) -> list[tuple[str, Surprise]]:
    """Sorts pairs of stream and anomaly, most informative first: groups, topics, then UNKNOWN, then TOTAL.

    Anomalies of one kind are sorted by probability, rarest first. An anomaly comes last if its excess is less than half
    of the largest excess.
    """
    most = max((one.citizens - one.expected for _, one in found), default=0.0)

    def order(found: tuple[str, Surprise]) -> tuple[bool, int, float]:
        stream, one = found
        explains = one.citizens - one.expected >= most / 2
        return not explains, KINDS.get(stream, 0), one.chance

    return sorted(found, key=order)


async def _quiet(session: AsyncSession, now: datetime) -> set[str]:
    """Returns the streams of recently closed alarms, whose anomalies are ignored, plus TOTAL if there are any."""
    closed = await session.scalars(select(Spike.streams).where(Spike.closed_at > now - QUIET))
    found = {stream for streams in closed for stream in streams}
    return (found | {TOTAL}) - {GROUP} if found else found
