"""Sends committed replies through a channel's provider, in order.

A sender leases a conversation (an entry of ``v:sending:<channel>``, bot/store/consumer.py), sends its events chunk by
chunk and acknowledges the entry when the outbox is empty. Replicas share the work. A temporary failure is retried with
a doubling delay for up to a day; a permanent one is recorded on the event, and the next event is sent.

If a process is killed between sending a chunk and recording it, the outcome is unknown. The chunk is then sent once
more; after two attempts without a known outcome it is abandoned as ``unknown``. So a citizen sees at most one repeat
after a crash. A failure after which the provider may nevertheless have delivered the chunk (``SendLater.unsure``) is
retried after each of UNSURE_DELAYS_S, then abandoned as ``unknown``. Neither limit applies if the provider drops
repeats by key (``SendingChannel.idempotent``).
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from dataclasses import dataclass
from itertools import takewhile

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.outgoing.channel import Chunk, JoiningChannel, SendingChannel
from bot.conversation.addresses import Addresses
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.events import Event
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.metrics.measures import Delivery, Fault, Stage, count_delivery, timed
from bot.store import keys
from bot.store.cancelling import beside
from bot.store.client import Store
from bot.store.consumer import StreamConsumer
from bot.store.streams import stopping
from bot.tickets.faults import Faults
from bot.tickets.outbox import Outbox, Unsent

MAX_HELD = 256
DUE_EVERY_S = 0.2
DUE_AT_ONCE = 200
CHANNEL_BURST_S = 0.3
FIRST_BACKOFF_S = 1.0
MAX_BACKOFF_S = 300.0
LATEST_S = 24 * 3600  # age of an event after which it is no longer retried
WITHDRAWN = -1  # returned instead of the number of attempts if a broadcast or a public notice was withdrawn
MAX_BEGUN = 2  # maximum attempts at a chunk without a known outcome
# Delays after attempts with an unknown outcome; long, since a provider that delivers but never responds causes repeats.
UNSURE_DELAYS_S = (60.0, 600.0, 3600.0)


@dataclass(frozen=True)
class _Later:
    """The delay before the next attempt, and whether the last attempt may have reached the citizen."""

    delay_s: float
    unsure: bool


class Sender:
    """The sender of one channel; ``run()`` works until it is cancelled or the process stops."""

    def __init__(self, *, redis: Store, channel: SendingChannel, addresses: Addresses) -> None:
        self._outbox, self._faults = Outbox(redis), Faults(redis)
        self._channel = channel
        self.channel = channel.channel
        self._addresses = addresses
        self._unrecorded: dict[str, str] = {}  # key of a chunk sent but not yet recorded in Redis -> provider's id
        stream = keys.sending_key(channel.channel)
        self._consumer = StreamConsumer(
            redis, stream, keys.SENDERS, drain=self._drain, most=MAX_HELD, hung=self._held_too_long
        )

    async def run(self, beat: Beat = no_beat) -> None:
        async with beside(self._requeue_due()):
            await self._consumer.run(beat)

    async def _drain(self, conversation: str, entry: str) -> None:
        """Sends the outbox of a conversation; after an error the entry stays pending and is processed again.

        Ends before the next chunk if another process has taken the entry over.
        """
        channel = self._channel.channel
        try:
            while self._consumer.holds(entry) and not await self._outbox.sent_all(
                conversation=conversation, channel=channel, entry=entry
            ):
                unsent = await self._outbox.oldest(conversation)
                if unsent is None:
                    continue
                later = await self._send(conversation, unsent)
                if later is not None:
                    await self._outbox.later(
                        conversation=conversation,
                        channel=channel,
                        entry=entry,
                        delay_ms=int(later.delay_s * 1000),
                        unsure=later.unsure,
                    )
                    return
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.warning("sender: store unavailable, retrying", conversation=conversation, error=type(error).__name__)
        except Exception:
            log.exception("sender: sending failed", conversation=conversation)

    async def _send(self, conversation: str, unsent: Unsent) -> _Later | None:
        """Sends an event's next chunk; returns when to retry, or None if the chunk was sent or abandoned."""
        event = unsent.event
        address = self._addresses.decrypt(unsent.address)
        if address is None:
            return await self._give_up(event, "no_address")
        chunks, count = self._chunks(unsent)
        if unsent.chunk >= len(chunks):
            await self._mark_sent(unsent, "", last=True, count=1)
            return None
        key = f"{conversation}:{event.id}:{unsent.chunk}"
        if key not in self._unrecorded:
            later = await self._attempt(unsent, address, chunks[unsent.chunk], key=key, count=count)
            if key not in self._unrecorded:
                return later
        await self._mark_sent(unsent, self._unrecorded[key], last=unsent.chunk + 1 == len(chunks), count=count)
        del self._unrecorded[key]
        return None

    async def _attempt(self, unsent: Unsent, address: str, chunk: Chunk, *, key: str, count: int) -> _Later | None:
        """Sends a chunk and stores the provider's id in ``_unrecorded``.

        Returns when to retry, or None if the chunk was sent or abandoned.
        """
        conversation, event = unsent.event.conversation, unsent.event.id
        await self._wait_for_pace(conversation)
        attempts = await self._outbox.begin(conversation=conversation, event=event, attempt=secrets.token_hex(6))
        if attempts == WITHDRAWN:
            count_delivery(self.channel, Delivery.GIVEN_UP, "withdrawn")
            log.info("sender: notice withdrawn", channel=self.channel, conversation=conversation)
        if attempts <= 0:
            return None
        if attempts > MAX_BEGUN and not self._channel.idempotent:
            return await self._give_up(unsent.event, "unknown")
        try:
            with timed(Stage.SEND):
                self._unrecorded[key] = await self._channel.send(address, chunk, key)
        except SendLater as error:
            return await self._later(unsent, error)
        except SendRefused as error:
            return await self._give_up(unsent.event, error.reason, count)
        count_delivery(self.channel, Delivery.SENT)
        return None

    async def _mark_sent(self, unsent: Unsent, sent_id: str, *, last: bool, count: int) -> None:
        """Records that a chunk was sent; ``count`` is the number of events that the chunk covers.

        ``last`` is True for the last chunk of an event.
        """
        await self._outbox.part_sent(
            conversation=unsent.event.conversation,
            channel=self._channel.channel,
            event=unsent.event.id,
            part=unsent.chunk,
            sent_id=sent_id,
            last=last,
            count=count,
        )

    def _chunks(self, unsent: Unsent) -> tuple[tuple[Chunk, ...], int]:
        """Returns the chunks to send and the number of events that they cover."""
        event = unsent.event
        try:
            if unsent.chunk == 0 and (joined := self._joined(unsent)):
                return joined
            return self._channel.render(event), 1
        except Exception:
            log.exception("sender: rendering failed", conversation=event.conversation, event_id=event.id)
            return (Chunk(event.text),), 1

    def _joined(self, unsent: Unsent) -> tuple[tuple[Chunk, ...], int] | None:
        """Merges as many events of the turn as fit into one chunk; returns the chunk and the number of events.

        Returns None if no two events fit. A notice that may be withdrawn can only be the first, which is looked at
        before each attempt.
        """
        if not isinstance(self._channel, JoiningChannel):
            return None
        later = takewhile(lambda one: not one.message.lapses, unsent.following)
        events = (unsent.event, *later)
        for count in range(len(events), 1, -1):
            if chunk := self._channel.join(events[:count]):
                return (chunk,), count
        return None

    async def _wait_for_pace(self, conversation: str) -> None:
        pace, channel = self._channel.pace, self._channel.channel
        may_send = False
        while not may_send:
            wait_ms = await self._outbox.pace(
                channel=channel,
                conversation=conversation,
                channel_every_ms=1000 / pace.per_second,
                every_ms=pace.chat_every_s * 1000,
                channel_burst=max(1, int(pace.per_second * CHANNEL_BURST_S)),
                burst=pace.burst,
            )
            may_send = wait_ms >= 0
            await asyncio.sleep(abs(wait_ms) / 1000)

    async def _later(self, unsent: Unsent, error: SendLater) -> _Later | None:
        if time.time() - unsent.event.at / 1000 > LATEST_S:
            return await self._give_up(unsent.event, "too_late")
        if error.everyone and error.retry_after_s:
            await self._outbox.pause(self._channel.channel, error.retry_after_s)
        count_delivery(self.channel, Delivery.RETRIED, error.reason)
        log.warning(
            "sender: retry scheduled",
            channel=self._channel.channel,
            conversation=unsent.event.conversation,
            reason=error.reason,
            tries=unsent.tries + 1,
        )
        if not error.unsure or self._channel.idempotent:
            return _Later(max(error.retry_after_s, backoff_s(unsent.tries)), unsure=False)
        if unsent.unsure == len(UNSURE_DELAYS_S):
            return await self._give_up(unsent.event, "unknown")
        return _Later(UNSURE_DELAYS_S[unsent.unsure], unsure=True)

    async def _give_up(self, event: Event, reason: str, said: int = 1) -> _Later | None:
        await self._outbox.give_up(conversation=event.conversation, event=event.id, reason=reason, count=said)
        count_delivery(self.channel, Delivery.GIVEN_UP, reason)
        log.warning("sender: gave up", channel=self._channel.channel, conversation=event.conversation, reason=reason)
        if reason == "unknown":
            await self._faults.note(event.conversation, Fault.UNSURE)
        return None

    async def _held_too_long(self, conversation: str, _entry: str) -> None:
        await self._faults.note(conversation, Fault.HUNG, adds_event=True)

    async def _requeue_due(self) -> None:
        """Puts conversations whose retry is due back into the senders' stream."""
        while not stopping():
            await asyncio.sleep(DUE_EVERY_S)
            try:
                await self._outbox.due(channel=self._channel.channel, most=DUE_AT_ONCE)
            except RedisError as error:
                log.warning("sender: due retries not checked, redis unavailable", error=type(error).__name__)


def backoff_s(tries: int) -> float:
    """Returns the seconds before the next attempt after ``tries`` failures: doubling up to a maximum, ±25 % jitter."""
    delay_s: float = min(FIRST_BACKOFF_S * 2.0 ** min(tries, 16), MAX_BACKOFF_S)
    return delay_s * random.uniform(0.75, 1.25)  # noqa: S311
