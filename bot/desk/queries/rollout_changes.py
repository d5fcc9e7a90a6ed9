"""Reads from the audit when a channel was opened or closed, or its share of citizens changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.core.messages import Channel
from bot.desk.auth.audit import CODE_CHANGED, Action
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.turns.rollout import Kind, Step

SETTLED = timedelta(days=1)  # changes of a channel that are less than this apart count as one change


@dataclass(frozen=True)
class RolloutChange:
    """A change of a channel's roll-out from ``began`` to ``at``, which are equal unless several changes are joined.

    ``id`` is the id of the last joined change's audit row. ``before`` is None for a channel's first change in the
    audit.
    """

    id: int
    channel: Channel
    began: datetime
    at: datetime
    before: Step | None
    after: Step


async def rollout_changes(sessions: Sessions) -> list[RolloutChange]:
    """Returns the changes that the audit still has, newest first. Raises SQLAlchemyError."""
    query = select(Audit.id, Audit.at, Audit.subject, Audit.detail).where(
        Audit.action == Action.ROLLOUT_CHANGED, Audit.subject != CODE_CHANGED
    )
    async with sessions() as session:
        rows = [tuple(row) for row in await session.execute(query.order_by(Audit.id))]
    found = [one for channel in Channel for one in _of(channel, [row for row in rows if row[2] == channel])]
    return sorted(found, key=lambda one: one.id, reverse=True)


def _of(channel: Channel, rows: Sequence[tuple[int, datetime, str, dict[str, object]]]) -> Iterator[RolloutChange]:
    """Yields the changes of one channel; joins changes less than SETTLED apart, and omits changes that cancel out."""
    before: Step | None = None
    began: datetime | None = None
    for place, (id, at, _, detail) in enumerate(rows):
        began = began or at
        if place + 1 < len(rows) and rows[place + 1][1] - at < SETTLED:
            continue
        after = Step(Kind(str(detail["step"])), int(str(detail["percent"])))
        if after != before:
            yield RolloutChange(id, channel, began, at, before, after)
        before, began = after, None
