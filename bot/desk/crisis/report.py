"""Compiles the report after a crisis or a drill: the events from a notice's draft to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.crisis.broadcasts import Sending, sending_of
from bot.desk.crisis.spike_book import alarms_of
from bot.public_notices.broadcasting import TEST
from bot.record.engine import Sessions
from bot.record.tables import Audit, Message, Notice, NoticeProof, NoticeStep, Spike, SpikeMinute, Staff
from bot.spikes.examples import Example, Examples
from bot.spikes.history import TOPIC, TOTAL, UNKNOWN

MOST_UNANSWERED = 10
MOST_TOPICS = 8
LOGGED = ("notice_", "broadcast_")
SHOWN_WITHIN = timedelta(minutes=1)
COUNTED_AFTER = timedelta(minutes=2)  # of a minute, until its citizens are surely counted (bot/spikes/watch.py)


@dataclass(frozen=True)
class LogLine:
    """A line of the report's log, one action on the notice; ``action`` is a key of ``desk.acciones``.

    ``name`` is '' if no account did it.
    """

    at: datetime
    action: str
    revision: str
    name: str
    reason: str = ""
    measures: tuple[str, ...] = ()  # keys of the measures that the action published or lifted


@dataclass(frozen=True)
class Meanwhile:
    """The citizens' messages while the notice ran, as the spike alarm counted them: each citizen at most once an hour.

    ``citizens`` wrote, and ``unanswered`` of them got no answer. ``informed`` is the number of conversations that got
    the notice. ``topics`` are the most frequent topics with their numbers of citizens; ``examples`` had no answer.
    """

    citizens: int
    unanswered: int
    informed: int
    topics: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Report:
    """A complete report; ``revisions`` are the published revisions, oldest first.

    ``alarms`` are the spike alarms from which the notice was written, oldest first; ``sendings`` are the broadcasts of
    the revisions that were sent to subscribers.
    """

    revisions: Sequence[Notice]
    log: Sequence[LogLine]
    proofs: Sequence[NoticeProof]
    steps: Sequence[NoticeStep]
    meanwhile: Meanwhile
    alarms: Sequence[Spike]
    sendings: Sequence[Sending]
    start: datetime
    end: datetime  # now if the notice still runs

    @property
    def is_counted(self) -> bool:
        """Returns whether the citizens of the last minutes are already counted."""
        return self.end + COUNTED_AFTER < datetime.now(UTC)


class ReportReader:
    """Reads reports from PostgreSQL."""

    def __init__(self, sessions: Sessions, examples: Examples) -> None:
        self._sessions, self._examples = sessions, examples

    async def of(self, number: int) -> Report | None:
        """Returns the report of a notice; None if the notice was never published. Raises SQLAlchemyError."""
        published = (Notice.number == number) & Notice.published_at.is_not(None)
        async with self._sessions() as session:
            revisions = (await session.scalars(select(Notice).where(published).order_by(Notice.revision))).all()
            if not revisions:
                return None
            start, end = _begins(revisions[0]), _over(revisions[-1])
            log = await _log(session, number)
            shown = NoticeProof.at.between(start, end + SHOWN_WITHIN)
            proofs = await session.scalars(select(NoticeProof).where(shown).order_by(NoticeProof.at))
            steps = await session.scalars(select(NoticeStep).where(NoticeStep.number == number).order_by(NoticeStep.at))
            counts = await _counts(session, start, end)
            informed = await _informed(session, number)
            rang = select(Spike).where(Spike.id.in_(await alarms_of(session, number))).order_by(Spike.at)
            alarms = (await session.scalars(rang)).all()
            sendings = [one for notice in revisions if (one := await sending_of(session, notice))]
            found = (proofs.all(), steps.all())
        examples = await self._examples.within(UNKNOWN, start, end, MOST_UNANSWERED)
        topics = {name.removeprefix(TOPIC): count for name, count in counts.items() if name.startswith(TOPIC)}
        most = tuple(Counter(topics).most_common(MOST_TOPICS))
        meanwhile = Meanwhile(counts[TOTAL], counts[UNKNOWN], informed, most, tuple(examples))
        return Report(revisions, log, *found, meanwhile, alarms, sendings, start, end)


def _begins(notice: Notice) -> datetime:
    return notice.starts_at or notice.published_at or notice.asked_at


def _over(notice: Notice) -> datetime:
    moments = [one for one in (notice.ended_at, notice.ends_at) if one]
    return min([*moments, datetime.now(UTC)])


async def _log(session: AsyncSession, number: int) -> list[LogLine]:
    query = (
        select(Audit.at, Audit.action, Audit.subject, Staff.name, Audit.detail)
        .outerjoin(Staff, Staff.id == Audit.staff_id)
        .where(or_(*(Audit.action.startswith(kind) for kind in LOGGED)), Audit.subject.startswith(f"{number}."))
        .order_by(Audit.id)
    )
    rows = (await session.execute(query)).all()
    return [
        LogLine(
            at,
            action,
            subject.partition(".")[2],
            name or "",
            str(detail.get("reason", "")),
            tuple(detail.get("measures", ())),
        )
        for at, action, subject, name, detail in rows
    ]


async def _counts(session: AsyncSession, start: datetime, end: datetime) -> Counter[str]:
    """Returns the citizens of each stream, from the whole minute in which the notice began."""
    first = start.replace(second=0, microsecond=0)
    within = (SpikeMinute.minute >= first) & (SpikeMinute.minute < end) & (SpikeMinute.citizens > 0)
    query = select(SpikeMinute.stream, func.sum(SpikeMinute.citizens)).where(within).group_by(SpikeMinute.stream)
    return Counter({stream: int(count) for stream, count in (await session.execute(query)).all()})


async def _informed(session: AsyncSession, number: int) -> int:
    """Counts the conversations that got the notice; one that only may have got it, or as a test, does not count."""
    shown, delivery = Message.data["notice"].astext, Message.data["delivery"]["state"].astext
    is_test = func.coalesce(Message.data["broadcast"].astext, "").startswith(TEST)
    query = select(func.count(func.distinct(Message.conversation_id))).where(
        Message.data.has_key("notice"),
        or_(shown.startswith(f"{number}."), shown == str(number)),
        delivery.is_distinct_from("failed"),
        ~is_test,
    )
    return int(await session.scalar(query) or 0)
