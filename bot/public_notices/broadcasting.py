"""Sends a public notice to the citizens who subscribed, at a limited rate and once to each, as a task of the worker.

The recipients are stored in PostgreSQL when the broadcast is planned. A Redis script sends to one citizen and records
this in one step, so a process that is killed before storing the new state repeats no message. Citizens who have
unsubscribed («baja») since the planning get nothing, not even what waits in an outbox (withdrawing.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.model import Agency
from bot.conversation.event_log_entry import event_of
from bot.core.logs import log
from bot.core.messages import Channel
from bot.core.progress import Beat, no_beat
from bot.public_notices.recorded import RUNNING, public
from bot.public_notices.withdrawing import DONE, PLANNED, SENT, STOPPED, Withdrawing
from bot.public_notices.words import fits_template, reply_of
from bot.record.engine import Sessions
from bot.record.tables import Broadcast, BroadcastRecipient, Notice, Subscription
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

OFF = "off"
TEST = "test-"  # prefix of the name of a test message that an author sends to themselves
EVERY_S = 1.0
IDLE_S = 5.0  # pause while nothing is sent
AT_ONCE = 5  # citizens in EVERY_S, of all workers together; below the rate limits of the providers
DAY = timedelta(days=1)


class Broadcasting:
    """Sends an agency's running broadcasts, as a task; only one worker at a time sends a broadcast."""

    def __init__(self, sessions: Sessions, redis: Store, agency: Agency) -> None:
        self._sessions, self._redis, self._agency = sessions, redis, agency
        self._send = Script(redis, "broadcast")
        self._withdrawing = Withdrawing(sessions, redis)

    async def run(self, beat: Beat = no_beat) -> None:
        """Sends until cancelled; logs errors and continues."""
        while True:
            beat()
            sent = 0
            try:
                sent = await self.send_at_pace()
            except (SQLAlchemyError, RedisError, OSError) as error:
                log.warning("broadcasts: store unavailable, retrying", error=type(error).__name__)
            except Exception:
                log.exception("broadcasts: failed")
            await asyncio.sleep(EVERY_S if sent else IDLE_S)

    async def send_at_pace(self) -> int:
        """Stores what was withdrawn and calls ``send_some``, unless any worker did so within the last EVERY_S seconds.

        Returns the number of recipients that were processed or withdrawn.
        """
        name, ms = keys.lease_key("broadcasts"), max(1, int(EVERY_S * 1000))
        if not await self._redis.set(name, "1", nx=True, px=ms):
            return 0
        await self._withdrawing.restore()
        withdrawn = await self._withdrawing.store()
        return await self.send_some() + withdrawn

    async def send_some(self) -> int:
        """Continues the oldest running broadcast that can go on; returns the number of recipients, at most AT_ONCE.

        Recipients who have unsubscribed get nothing, but are counted. A broadcast that waits for the daily limit of
        WhatsApp, or for the start of its notice, does not hold up later ones. Ends broadcasts without recipients left,
        and those whose notice has ended.
        """
        async with self._sessions.begin() as session:
            running = select(Broadcast).where(Broadcast.state == RUNNING).order_by(Broadcast.id)
            for broadcast in (await session.scalars(running.with_for_update(skip_locked=True))).all():
                if sent := await self._send_next(session, broadcast):
                    return sent
        return 0

    async def _send_next(self, session: AsyncSession, broadcast: Broadcast) -> int:
        """Sends a broadcast to its next recipients and returns their number; ends it if it is over."""
        notice = await session.get_one(Notice, broadcast.notice_id)
        now = datetime.now(UTC)
        if notice.state != RUNNING or (notice.ends_at or now) <= now:
            broadcast.state, broadcast.ended_at = STOPPED, now
            return 0
        if (notice.starts_at or now) > now:
            return 0
        recipients = await self._next(session, broadcast.id, now)
        for one in recipients:
            one.state, one.at = await self._to(session, one, notice), now
        left = select(func.count()).where(
            BroadcastRecipient.broadcast_id == broadcast.id, BroadcastRecipient.state == PLANNED
        )
        if not recipients and not await session.scalar(left):
            broadcast.state, broadcast.ended_at = DONE, now
        return len(recipients)

    async def _next(self, session: AsyncSession, id: int, now: datetime) -> list[BroadcastRecipient]:
        """Returns at most AT_ONCE recipients; those on WhatsApp come last and wait while the daily limit is reached."""
        planned = (BroadcastRecipient.broadcast_id == id) & (BroadcastRecipient.state == PLANNED)
        query = select(BroadcastRecipient).where(planned).order_by(BroadcastRecipient.conversation_id)
        of_day = (BroadcastRecipient.channel == Channel.WHATSAPP) & (BroadcastRecipient.at > now - DAY)
        used = await session.scalar(select(func.count()).where(of_day, BroadcastRecipient.state == SENT))
        room = self._agency.templates.daily_limit - int(used or 0)
        on_whatsapp = query.where(BroadcastRecipient.channel == Channel.WHATSAPP).limit(max(0, min(room, AT_ONCE)))
        others = query.where(BroadcastRecipient.channel != Channel.WHATSAPP).limit(AT_ONCE)
        found = [*await session.scalars(others), *await session.scalars(on_whatsapp)]
        return found[:AT_ONCE]

    async def _to(self, session: AsyncSession, one: BroadcastRecipient, notice: Notice) -> str:
        """Sends the notice to a recipient who is still subscribed, and returns the recipient's new state."""
        subscription = await session.get(Subscription, one.conversation_id)
        if subscription is None or subscription.address is None:
            return OFF
        return await self.send(subscription, notice, str(one.broadcast_id))

    async def send(self, to: Subscription, notice: Notice, name: str) -> str:
        """Sends the notice to a citizen, once for each ``name``; returns the new ``BroadcastRecipient.state``.

        The state is ``sent`` (even if the citizen got the notice before); ``off`` after «baja»; ``closed`` if the reply
        window is closed and no template can carry the notice. A citizen of the last kind gets it with their next reply.
        """
        shown = public(notice)
        by_template = fits_template(shown, self._agency)
        reply = replace(reply_of(shown, self._agency, after_window=by_template), broadcast=name)
        found = await self._send(
            conversation=to.conversation_id,
            channel=to.channel,
            address=to.address or "",
            broadcast=name,
            notice=shown.id,
            events=[event_of(reply)],
            is_test=name.startswith(TEST),
            by_template=by_template,
        )
        return str(found)
