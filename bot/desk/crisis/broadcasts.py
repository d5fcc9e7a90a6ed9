"""Plans, discards, starts and stops broadcasts of notices to subscribers.

The person who planned a broadcast cannot start it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author, Channel
from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.desk.auth.sessions import SignedIn
from bot.public_notices.recorded import RUNNING
from bot.public_notices.withdrawing import DONE, PLANNED, SENT, STOPPED, WITHDRAWN, Withdrawing
from bot.record.engine import Sessions
from bot.record.tables import Broadcast, BroadcastRecipient, Message, Notice, Subscription

DAY = timedelta(days=1)
TEST_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Sending:
    """A broadcast with the number of its recipients in each state.

    ``delivered`` is the number of messages that were delivered or read, ``failed`` the number of failed messages.
    """

    broadcast: Broadcast
    states: Mapping[str, int]
    delivered: int
    failed: int


@dataclass(frozen=True)
class WhatsAppDay:
    """The last 24 hours on WhatsApp.

    ``used`` is the number of broadcast messages sent, ``in_window`` the number of subscribers who wrote and so need no
    template.
    """

    used: int
    in_window: int


@dataclass(frozen=True)
class Before:
    """What came of the broadcasts of a notice's earlier revisions.

    ``reached`` is the number of citizens who were sent one, ``missed`` the number of planned ones who got none.
    """

    reached: int = 0
    missed: int = 0


async def sending_of(session: AsyncSession, notice: Notice) -> Sending | None:
    """Returns the broadcast of a notice, or None if there is none."""
    broadcast = await session.scalar(select(Broadcast).where(Broadcast.notice_id == notice.id))
    if broadcast is None:
        return None
    state, mine = BroadcastRecipient.state, BroadcastRecipient.broadcast_id == broadcast.id
    states = (await session.execute(select(state, func.count()).where(mine).group_by(state))).all()
    delivery = Message.data["delivery"]["state"].astext
    shown = Message.data["notice"].astext == f"{notice.number}.{notice.revision}"
    shown &= Message.data["delivery"]["reason"].astext.is_distinct_from(WITHDRAWN)
    sent = select(BroadcastRecipient.conversation_id).where(mine, state == "sent")
    query = select(delivery, func.count()).where(shown, Message.conversation_id.in_(sent)).group_by(delivery)
    reported = {name: count for name, count in (await session.execute(query)).all()}
    counted = {name: count for name, count in states}
    delivered = reported.get("delivered", 0) + reported.get("read", 0)
    return Sending(broadcast, counted, delivered, reported.get("failed", 0))


class Broadcasts:
    """Stores the broadcasts in PostgreSQL; methods raise Refused, whose message the page shows."""

    def __init__(self, sessions: Sessions, withdrawing: Withdrawing) -> None:
        self._sessions, self._withdrawing = sessions, withdrawing

    async def coverage(self) -> Mapping[str, int]:
        """Returns the number of subscribers on each channel."""
        wanted = Subscription.address.is_not(None)
        query = select(Subscription.channel, func.count()).where(wanted).group_by(Subscription.channel)
        async with self._sessions() as session:
            return {channel: count for channel, count in (await session.execute(query)).all()}

    async def notice(self, id: int) -> Notice:
        async with self._sessions() as session:
            return await _running(session, id)

    async def of(self, notice: Notice) -> Sending | None:
        """Returns the broadcast of a notice, or None if there is none."""
        async with self._sessions() as session:
            return await sending_of(session, notice)

    async def reached(self, number: int) -> int:
        """Returns to how many citizens broadcasts sent any revision of the notice with this ``number``."""
        async with self._sessions() as session:
            return await _reached(session, Notice.number == number)

    async def before(self, rows: Iterable[Notice]) -> Mapping[int, Before]:
        """Maps the ids of the running corrections among ``rows`` to what came of the earlier revisions' broadcasts.

        Leaves out those that have a broadcast themselves.
        """
        corrections = [one for one in rows if one.state == RUNNING and one.revision > 1]
        async with self._sessions() as session:
            sent = select(Broadcast.notice_id).where(Broadcast.notice_id.in_([one.id for one in corrections]))
            own = set(await session.scalars(sent))
            earlier = {one.id: (Notice.number == one.number) & (Notice.revision < one.revision) for one in corrections}
            return {
                id: Before(await _reached(session, which), await _missed(session, which))
                for id, which in earlier.items()
                if id not in own
            }

    async def plan(self, id: int, by: SignedIn) -> None:
        """Plans the broadcast of a notice to everyone who is subscribed now; later subscribers are not added."""
        async with self._sessions.begin() as session:
            notice = await _running(session, id, lock=True)
            if await session.scalar(select(Broadcast.id).where(Broadcast.notice_id == id)):
                raise Refused(409, "changed", say("difusion.ya_hay"))
            broadcast = Broadcast(notice_id=id, state=PLANNED, author_id=by.staff.id, author_name=by.staff.name)
            session.add(broadcast)
            await session.flush()
            wanted = select(
                literal(broadcast.id), Subscription.conversation_id, Subscription.channel, literal(PLANNED)
            ).where(Subscription.address.is_not(None))
            columns = ["broadcast_id", "conversation_id", "channel", "state"]
            await session.execute(insert(BroadcastRecipient).from_select(columns, wanted))
            _audit(session, Action.BROADCAST_PLANNED, notice, by)

    async def discard(self, id: int, by: SignedIn) -> None:
        """Deletes a broadcast that nobody has started, so that it can be planned again, also to later subscribers.

        Raises Refused if it is in another state.
        """
        async with self._sessions.begin() as session:
            notice = await _running(session, id, lock=True)
            broadcast = await session.scalar(select(Broadcast).where(Broadcast.notice_id == id).with_for_update())
            if broadcast is None or broadcast.state != PLANNED:
                raise Refused(409, "changed", say("difusion.ya_no"))
            await session.delete(broadcast)
            _audit(session, Action.BROADCAST_DISCARDED, notice, by)

    async def start(self, id: int, by: SignedIn) -> None:
        """Starts a planned or stopped broadcast, and plans again the recipients whose messages the stop withdrew.

        Raises Refused if ``by`` planned it, or if it is in another state.
        """
        await self._move(id, (PLANNED, STOPPED), RUNNING, by)

    async def stop(self, id: int, by: SignedIn) -> None:
        """Stops a running or finished broadcast until it is started again: nothing more is queued.

        Messages that wait in an outbox are withdrawn. Raises Refused if the broadcast is in another state.
        """
        await self._move(id, (RUNNING, DONE), STOPPED, by)

    async def _move(self, id: int, states: tuple[str, ...], to: str, by: SignedIn) -> None:
        async with self._sessions.begin() as session:
            notice = await _running(session, id)
            query = select(Broadcast).where(Broadcast.notice_id == id).with_for_update()
            broadcast = await session.scalar(query)
            if broadcast is None or broadcast.state not in states:
                raise Refused(409, "changed", say("difusion.ya_no"))
            if to == RUNNING and broadcast.author_id == by.staff.id:
                raise Refused(409, "same_person", say("difusion.otra_persona"))
            broadcast.state = to
            if to == RUNNING:
                broadcast.starter_name, broadcast.started_at = by.staff.name, datetime.now(UTC)
                broadcast.ended_at = None
                mine = BroadcastRecipient.broadcast_id == broadcast.id, BroadcastRecipient.state == WITHDRAWN
                await session.execute(update(BroadcastRecipient).where(*mine).values(state=PLANNED))
            await self._withdrawing.mark(broadcast.id, stopped=to == STOPPED)
            _audit(session, Action.BROADCAST_STARTED if to == RUNNING else Action.BROADCAST_STOPPED, notice, by)

    async def tester(self, code: str) -> Subscription | None:
        """Returns the newest subscription that came with this test code within TEST_WITHIN, or None."""
        recent = Subscription.address.is_not(None) & (Subscription.at > datetime.now(UTC) - TEST_WITHIN)
        query = select(Subscription).where(recent, Subscription.code == code).order_by(Subscription.at.desc()).limit(1)
        async with self._sessions() as session:
            return await session.scalar(query)

    async def whatsapp_day(self) -> WhatsAppDay:
        """Counts the broadcast messages sent on WhatsApp in 24 hours, and the subscribers who wrote there meanwhile.

        The agency's other templates are not counted.
        """
        channel, since = Channel.WHATSAPP, datetime.now(UTC) - DAY
        used = select(func.count()).where(
            BroadcastRecipient.channel == channel, BroadcastRecipient.state == SENT, BroadcastRecipient.at > since
        )
        wrote = (Message.conversation_id == Subscription.conversation_id) & (Message.author == Author.CITIZEN)
        wanted = Subscription.address.is_not(None) & (Subscription.channel == channel)
        window = select(func.count()).where(wanted, exists().where(wrote, Message.at > since))
        async with self._sessions() as session:
            return WhatsAppDay(int(await session.scalar(used) or 0), int(await session.scalar(window) or 0))


async def _reached(session: AsyncSession, which: ColumnElement[bool]) -> int:
    """Returns to how many citizens the broadcasts of these notices were sent."""
    count = select(func.count(func.distinct(BroadcastRecipient.conversation_id))).where(_in_states(which, SENT))
    return int(await session.scalar(count) or 0)


async def _missed(session: AsyncSession, which: ColumnElement[bool]) -> int:
    """Returns how many citizens wait in the broadcasts of these notices, of which none was sent to them."""
    one = BroadcastRecipient.conversation_id
    waits = _in_states(which, PLANNED, WITHDRAWN) & one.not_in(select(one).where(_in_states(which, SENT)))
    return int(await session.scalar(select(func.count(func.distinct(one))).where(waits)) or 0)


def _in_states(which: ColumnElement[bool], *states: str) -> ColumnElement[bool]:
    """Returns the condition for the recipients in these states, of the broadcasts of these notices."""
    broadcasts = select(Broadcast.id).join(Notice, Notice.id == Broadcast.notice_id).where(which)
    return BroadcastRecipient.state.in_(states) & BroadcastRecipient.broadcast_id.in_(broadcasts)


async def _running(session: AsyncSession, id: int, *, lock: bool = False) -> Notice:
    notice = await session.get(Notice, id, with_for_update=lock)
    if notice is None or notice.state != RUNNING or notice.ends_at is None or notice.ends_at <= datetime.now(UTC):
        raise Refused(409, "changed", say("difusion.sin_aviso"))
    return notice


def _audit(session: AsyncSession, action: Action, notice: Notice, by: SignedIn) -> None:
    add_audit(session, action, staff_id=by.staff.id, subject=f"{notice.number}.{notice.revision}", drill=notice.drill)
