"""Counts conversations, citizens and outcomes in the weeks before and after each change of a channel's roll-out.

If the channel is open to a share of the citizens, citizens inside and outside the share are also counted separately.
The share is drawn by the conversation's id (bot/turns/rollout.py), so that the two groups can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.core.messages import Channel
from bot.desk.queries.rollout_changes import RolloutChange
from bot.figures.daily.snapshot import PLANNING
from bot.figures.results import Counted
from bot.record.engine import Sessions
from bot.turns.rollout import BUCKET_DIGITS, Kind

LONGEST = timedelta(weeks=4)
BACK_WITHIN = timedelta(days=7)
DAY = timedelta(days=1)
# A citizen is counted at their first episode in the stretch. If the conversation was deleted, the episode is counted
# that was the citizen's first in its month.
COUNTS = text(f"""
    SELECT inside, count(*), count(*) FILTER (WHERE leads),
        count(*) FILTER (WHERE leads AND ending = 'answered' AND said_useless = 0),
        count(*) FILTER (WHERE leads AND ended_at <= :followed),
        count(*) FILTER (WHERE leads AND ended_at <= :followed AND returned_at <= ended_at + :back_within),
        coalesce(sum(said_useful + said_useless), 0), coalesce(sum(said_useful), 0)
    FROM (
        SELECT ending, ended_at, returned_at, said_useful, said_useless,
            CASE WHEN conversation_id ~ '^[0-9a-f]{{{BUCKET_DIGITS}}}'
                THEN ('x' || left(conversation_id, {BUCKET_DIGITS}))::bit(32)::bigint % 100 < :percent END AS inside,
            CASE WHEN conversation_id IS NULL THEN first_of_month ELSE
                row_number() OVER (PARTITION BY conversation_id COLLATE "C" ORDER BY started_at, id) = 1 END AS leads
        FROM episodes WHERE NOT drill AND channel = :channel AND day BETWEEN :first_day AND :last_day
            AND started_at >= :since AND started_at < :until
    ) AS one GROUP BY inside
""")  # noqa: S608


@dataclass(frozen=True)
class Stretch:
    """The time from ``since`` (included) to ``until`` (excluded)."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Outcome:
    """The counts of one period: conversations, citizens, and three shares.

    ``resolved`` is the share of citizens whom the assistant answered without staff and without a negative rating.
    ``returned`` is the share of citizens who wrote again within BACK_WITHIN, among those for whom this is known.
    ``useful`` is the share of positive ratings.
    """

    conversations: int = 0
    people: int = 0
    resolved: Counted = field(default=Counted(0, 0))
    returned: Counted = field(default=Counted(0, 0))
    useful: Counted = field(default=Counted(0, 0))

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.conversations + other.conversations,
            self.people + other.people,
            _sum(self.resolved, other.resolved),
            _sum(self.returned, other.returned),
            _sum(self.useful, other.useful),
        )


@dataclass(frozen=True)
class Drawn:
    """The citizens inside and outside the share; ``unknown`` is the number of citizens with a deleted conversation."""

    percent: int
    inside: Outcome
    outside: Outcome
    unknown: int


@dataclass(frozen=True)
class Evidence:
    """The counts before and after a change: ``earlier`` for the period ``before``, ``later`` for ``after``.

    ``drawn`` is None unless the change opened the channel to a share.
    """

    change: RolloutChange
    before: Stretch
    earlier: Outcome
    after: Stretch
    later: Outcome
    drawn: Drawn | None


@dataclass(frozen=True)
class RolloutEvidence:
    """Counts the evidence of changes; methods raise SQLAlchemyError."""

    sessions: Sessions

    async def of(
        self, every: Sequence[RolloutChange], chosen: Sequence[RolloutChange], now: datetime
    ) -> list[Evidence]:
        """Returns the evidence of the ``chosen`` changes; ``every`` are all changes, newest first."""
        return [await self._of(every, one, now) for one in chosen]

    async def _of(self, every: Sequence[RolloutChange], change: RolloutChange, now: datetime) -> Evidence:
        before, after = _stretches(every, change, now)
        is_share = change.after.kind is Kind.SHARE
        percent = change.after.percent if is_share else 0
        earlier = await self._outcomes(change.channel, before, 0, now)
        later = await self._outcomes(change.channel, after, percent, now)
        unknown = later.get(None, Outcome()).people
        drawn = Drawn(percent, later.get(True, Outcome()), later.get(False, Outcome()), unknown)
        is_drawn = is_share and 0 < percent < 100
        return Evidence(change, before, _total(earlier), after, _total(later), drawn if is_drawn else None)

    async def _outcomes(
        self, channel: Channel, stretch: Stretch, percent: int, now: datetime
    ) -> dict[bool | None, Outcome]:
        """Returns the outcomes of citizens inside the share (True), outside, and of deleted conversations (None)."""
        values: dict[str, object] = {"channel": channel.value, "percent": percent}
        values |= {"since": stretch.since, "until": stretch.until}
        values |= {"first_day": (stretch.since - DAY).date(), "last_day": (stretch.until + DAY).date()}
        values |= {"followed": now - BACK_WITHIN, "back_within": BACK_WITHIN}
        async with self.sessions() as session:
            await session.execute(PLANNING)
            rows = (await session.execute(COUNTS, values)).all()
        return {
            inside: Outcome(
                conversations,
                people,
                Counted(resolved, people),
                Counted(returned, followed),
                Counted(int(useful), int(rated)),
            )
            for inside, conversations, people, resolved, followed, returned, rated, useful in rows
        }


def _stretches(every: Sequence[RolloutChange], change: RolloutChange, now: datetime) -> tuple[Stretch, Stretch]:
    """Returns the weeks before and after a change, shortened where another change of the channel falls into them."""
    others = [one for one in every if one.channel is change.channel]
    since = max((one.at for one in others if one.at < change.began), default=change.began - LONGEST)
    until = min((one.began for one in others if one.began > change.at), default=now)
    before = Stretch(max(since, change.began - LONGEST), change.began)
    return before, Stretch(change.at, max(change.at, min(until, now, change.at + LONGEST)))


def _total(outcomes: dict[bool | None, Outcome]) -> Outcome:
    return sum(outcomes.values(), Outcome())


def _sum(one: Counted, other: Counted) -> Counted:
    return Counted((one.value or 0) + (other.value or 0), one.among + other.among)
