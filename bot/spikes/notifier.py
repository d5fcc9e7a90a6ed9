"""Sends alarms: to desk staff who may write notices, by e-mail and SMS, and to the webhook.

A failed recipient is retried each minute for an hour; the others are not. Each success is stored at once in a separate
transaction, so that a slow recipient delays no other, and also while the process stops (finishing.py). If the process
is killed between sending and storing, a recipient may get an alarm twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.core.texts import say
from bot.mail.finishing import Sendings
from bot.mail.senders import SENT_WITHIN_S, Sender, SendingFailed, Words
from bot.metrics.measures import count_alarm
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from bot.record.tables import Spike
from bot.spikes.alarms import OPEN
from bot.spikes.webhook import SpikeWebhook
from bot.spikes.words import PATH, headline, others, page_of, usual
from bot.tickets.staff_notices import NoticeKind, StaffNotices

DESK, WEBHOOK = "desk", "webhook"
TRIED_FOR = timedelta(hours=1)
AT_ONCE = 6  # alarms that are sent at the same time


@dataclass(frozen=True, kw_only=True)
class SpikeNotifier:
    """Sends the alarms of an installation; ``senders`` maps each recipient's address to its sender.

    ``writers()`` returns the ids of the staff who may write notices.
    """

    sessions: Sessions
    agency: Agency
    staff_notices: StaffNotices
    writers: Callable[[], Awaitable[Sequence[str]]]
    senders: Mapping[str, Sender]
    webhook: SpikeWebhook | None
    public_url: str
    _sendings: Sendings = field(default_factory=Sendings)

    async def notify(self, beat: Beat = no_beat) -> None:
        """Sends the open alarms of the period TRIED_FOR to the recipients that have not got them.

        Does nothing if another process sends them now. Calls ``beat`` after each attempt. Raises SQLAlchemyError.
        """
        if not await self._unsent():
            return
        async with held_alone(self.sessions, Lock.SPIKE_ALARMS) as is_alone:
            if not is_alone:
                log.info("spikes: another process sends the alarms")
            missing = await self._unsent() if is_alone else []
            if missing:
                await self._sendings.finish(self._notify_each(missing, beat))

    async def _unsent(self) -> list[tuple[Spike, str]]:
        """Returns the alarms to send, each with a recipient that has not got it."""
        recent = Spike.at > datetime.now(UTC) - TRIED_FOR
        async with self.sessions() as session:
            spikes = (await session.scalars(select(Spike).where(recent, Spike.state == OPEN).order_by(Spike.id))).all()
        return [(spike, one) for spike in spikes for one in self._recipients() if one not in spike.told]

    async def _notify_each(self, missing: Sequence[tuple[Spike, str]], beat: Beat) -> None:
        """Sends at most AT_ONCE alarms at the same time; at the end, raises the first error of storing an outcome."""
        tried = update(Spike).where(Spike.id.in_({spike.id for spike, _ in missing}))
        async with self.sessions.begin() as session:
            await session.execute(tried.values(tries=Spike.tries + 1))
        free = asyncio.Semaphore(AT_ONCE)

        async def notify_one(spike: Spike, recipient: str) -> None:
            async with free:
                if await self._to(recipient, spike):
                    await self._store(recipient, spike)
                beat()

        ends = await asyncio.gather(*(notify_one(*one) for one in missing), return_exceptions=True)
        if error := next((one for one in ends if one is not None), None):
            raise error

    async def _store(self, recipient: str, spike: Spike) -> None:
        change = update(Spike).where(Spike.id == spike.id)
        async with self.sessions.begin() as session:
            await session.execute(change.values(told=func.array_append(Spike.told, recipient)))

    def _recipients(self) -> tuple[str, ...]:
        return (DESK, *self.senders, *((WEBHOOK,) if self.webhook else ()))

    async def _to(self, recipient: str, spike: Spike) -> bool:
        """Sends the alarm to one recipient and returns whether that succeeded."""
        way = recipient if recipient in (DESK, WEBHOOK) else self.senders[recipient].way
        try:
            async with self._sendings.limit(SENT_WITHIN_S):
                await self._step(recipient, spike)
        except (SendingFailed, RedisError, TimeoutError) as error:
            count_alarm(way, sent=False)
            log.warning("spikes: alarm not sent, retrying", spike=spike.id, way=way, error=type(error).__name__)
            return False
        count_alarm(way, sent=True)
        log.info("spikes: alarm sent", spike=spike.id, way=way)
        return True

    def _step(self, recipient: str, spike: Spike) -> Awaitable[None]:
        if recipient == DESK:
            return self._notify_desk(spike)
        if recipient == WEBHOOK and self.webhook:
            return self.webhook.send(spike)
        return self.senders[recipient].send(recipient, self._words(spike))

    async def _notify_desk(self, spike: Spike) -> None:
        words = say("alzas.mesa", titulo=headline(spike), normal=usual(spike))
        page = f"{PATH}/{spike.id}"
        await self.staff_notices.notify(await self.writers(), NoticeKind.PUBLIC_NOTICE, words, "", page)

    def _words(self, spike: Spike) -> Words:
        page = page_of(spike, self.public_url) or say("alzas.correo.mesa")
        subject = say("alzas.correo.asunto", agencia=self.agency.short_name, titulo=headline(spike))
        text = say("alzas.correo.texto", normal=usual(spike), tambien=others(spike), enlace=page)
        return Words(subject, " ".join(text.split()))


Notify = Callable[[Beat], Awaitable[None]]
