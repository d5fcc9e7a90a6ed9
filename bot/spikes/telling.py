"""Sends alarms: to desk staff who may write notices, by e-mail and SMS, and to the webhook.

A failed recipient is retried each minute for an hour; the others are not. If the process is killed between sending and
storing, a recipient may get an alarm twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.logs import log
from bot.core.texts import say
from bot.mail.senders import Sender, SendingFailed, Words
from bot.metrics.measures import count_alarm
from bot.record.engine import Sessions
from bot.record.tables import Spike
from bot.spikes.alarms import OPEN
from bot.spikes.webhook import SpikeWebhook
from bot.spikes.words import headline, others, page_of, usual
from bot.tickets.staff_notices import NoticeKind, StaffNotices

DESK, WEBHOOK = "desk", "webhook"
TRIED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class SpikeTelling:
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

    async def tell(self) -> None:
        """Sends the open alarms of the period TRIED_FOR to the recipients that have not got them.

        Raises SQLAlchemyError.
        """
        recent = Spike.at > datetime.now(UTC) - TRIED_FOR
        query = select(Spike).where(recent, Spike.state == OPEN).with_for_update(skip_locked=True)
        async with self.sessions.begin() as session:
            for spike in await session.scalars(query):
                missing = [one for one in self._recipients() if one not in spike.told]
                told = [one for one in missing if await self._to(one, spike)]
                if missing:
                    spike.told, spike.tries = [*spike.told, *told], spike.tries + 1

    def _recipients(self) -> tuple[str, ...]:
        return (DESK, *self.senders, *((WEBHOOK,) if self.webhook else ()))

    async def _to(self, recipient: str, spike: Spike) -> bool:
        """Sends to one recipient and returns whether that worked."""
        way = recipient if recipient in (DESK, WEBHOOK) else self.senders[recipient].way
        try:
            await self._step(recipient, spike)
        except (SendingFailed, RedisError) as error:
            count_alarm(way, sent=False)
            log.warning("spikes: alarm not sent, retrying", spike=spike.id, way=way, error=type(error).__name__)
            return False
        count_alarm(way, sent=True)
        log.info("spikes: alarm sent", spike=spike.id, way=way)
        return True

    def _step(self, recipient: str, spike: Spike) -> Awaitable[None]:
        if recipient == DESK:
            return self._tell_desk(spike)
        if recipient == WEBHOOK and self.webhook:
            return self.webhook.send(spike)
        return self.senders[recipient].send(recipient, self._words(spike))

    async def _tell_desk(self, spike: Spike) -> None:
        words = say("alzas.mesa", titulo=headline(spike), normal=usual(spike))
        await self.staff_notices.tell(await self.writers(), NoticeKind.PUBLIC_NOTICE, words, "")

    def _words(self, spike: Spike) -> Words:
        page = page_of(spike, self.public_url) or say("alzas.correo.mesa")
        subject = say("alzas.correo.asunto", agencia=self.agency.short_name, titulo=headline(spike))
        text = say("alzas.correo.texto", normal=usual(spike), tambien=others(spike), enlace=page)
        return Words(subject, " ".join(text.split()))


Tell = Callable[[], Awaitable[None]]
