"""Last step of a reply for channels that must be called: sends what was committed, in order. Run by the app.

A sender takes a conversation (an entry of ``v:sending:<channel>``; renewed every second, taken over from a dead process
after RECLAIM_IDLE_MS), sends its events part by part and lets it go when nothing is left. Replicas share the work. What
may work later is put aside with a doubling delay; what cannot work is marked on the event and the next one is sent.

Between sending a part and recording it a process may be killed; nobody then knows whether the part went out. It is sent
again, once: a part begun twice without a known outcome is given up as ``unknown``. So a citizen sees at most one repeat
after a crash, and none where the provider drops a second send with the same key (``SendingChannel.idempotent``).
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from functools import partial

from redis.exceptions import RedisError

from bot.channels.channel import JoiningChannel, Part, SendingChannel
from bot.conversation import keys
from bot.conversation.addresses import Addresses
from bot.conversation.connect import Store
from bot.conversation.outbox import Outbox, Unsent
from bot.conversation.streams import Taker, make_group, stopping
from bot.errors import SendLater, SendRefused
from bot.logs import log
from bot.messages import Event

MOST_HELD = 256
RENEW_S = 1.0
RETRY_S = 0.5
DUE_EVERY_S = 0.2
DUE_AT_ONCE = 200
CHANNEL_BURST_S = 0.3
FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 300.0
LATEST_S = 24 * 3600  # what could not be said within a day is not said any more
MOST_BEGUN = 2


class Sender:
    """Sends for one channel; ``run()`` works until cancelled."""

    def __init__(self, *, redis: Store, channel: SendingChannel, addresses: Addresses) -> None:
        self._redis = redis
        self._outbox = Outbox(redis)
        self._channel = channel
        self._addresses = addresses
        self._stream = keys.sending_key(channel.channel)
        self._room = asyncio.Semaphore(MOST_HELD)
        self._held: dict[str, asyncio.Task[None]] = {}
        self._name = secrets.token_hex(6)
        self._taker = Taker(redis, self._stream, keys.SENDERS, name=self._name)

    async def run(self) -> None:
        beside = [asyncio.create_task(self._renew()), asyncio.create_task(self._put_back())]
        try:
            while not stopping():
                try:
                    await make_group(self._redis, self._stream, keys.SENDERS)
                    await self._work()
                except RedisError as error:
                    log.warning("sender lost redis", channel=self._channel.channel, error=type(error).__name__)
                    await asyncio.sleep(RETRY_S)
        finally:
            tasks = [*beside, *self._held.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        while not stopping():
            await self._room.acquire()
            try:
                row = await self._taker.next()
            except BaseException:
                self._room.release()
                raise
            if row is None or row[0] in self._held:
                self._room.release()
                continue
            task = asyncio.create_task(self._drain(row[1]["conversation"], row[0]))
            self._held[row[0]] = task
            task.add_done_callback(partial(self._let_go, row[0]))

    def _let_go(self, entry: str, _task: asyncio.Task[None]) -> None:
        self._held.pop(entry, None)
        self._room.release()

    async def _drain(self, conversation: str, entry: str) -> None:
        """Sends what the conversation has. A failure of ours leaves the entry pending: it is taken again."""
        channel = self._channel.channel
        try:
            while not await self._outbox.sent_all(conversation, channel, entry):
                unsent = await self._outbox.oldest(conversation)
                if unsent is None:
                    continue
                later_s = await self._send(conversation, unsent)
                if later_s is not None:
                    await self._outbox.later(conversation, channel, entry, int(later_s * 1000))
                    return
        except RedisError as error:
            log.warning("sending lost redis", conversation=conversation, error=type(error).__name__)
        except Exception:
            log.exception("sending failed", conversation=conversation)

    async def _send(self, conversation: str, unsent: Unsent) -> float | None:
        """Sends the next part. None when it is done with, for good or ill; else in how many seconds to try again."""
        event = unsent.event
        address = self._addresses.open(unsent.address)
        if address is None:
            return await self._give_up(event, "no_address")
        parts, said = self._parts(unsent)
        if unsent.part >= len(parts):
            await self._outbox.part_sent(conversation, self._channel.channel, event.id, "", 1, 1)
            return None
        await self._wait_for_pace(conversation)
        begun = await self._outbox.begin(conversation, event.id)
        if begun == 0:
            return None
        if begun > MOST_BEGUN and not self._channel.idempotent:
            return await self._give_up(event, "unknown")
        try:
            sent_id = await self._channel.send(address, parts[unsent.part], f"{conversation}:{event.id}:{unsent.part}")
        except SendLater as error:
            return await self._later(unsent, error)
        except SendRefused as error:
            return await self._give_up(event, error.reason, said)
        last = int(unsent.part + 1 == len(parts))
        await self._outbox.part_sent(conversation, self._channel.channel, event.id, sent_id, last, said)
        return None

    def _parts(self, unsent: Unsent) -> tuple[tuple[Part, ...], int]:
        """The messages to send, and how many events they say."""
        event = unsent.event
        try:
            if unsent.part == 0 and (joined := self._joined(unsent)):
                return joined
            return self._channel.render(event), 1
        except Exception:
            log.exception("rendering failed", conversation=event.conversation, event_id=event.id)
            return (Part(event.text),), 1

    def _joined(self, unsent: Unsent) -> tuple[tuple[Part, ...], int] | None:
        """As many events of the turn as go into one message; None when that is only the first."""
        if not isinstance(self._channel, JoiningChannel):
            return None
        events = (unsent.event, *unsent.following)
        for count in range(len(events), 1, -1):
            if part := self._channel.join(events[:count]):
                return (part,), count
        return None

    async def _wait_for_pace(self, conversation: str) -> None:
        pace, channel = self._channel.pace, self._channel.channel
        burst = max(1, int(pace.per_second * CHANNEL_BURST_S))
        every = (1000 / pace.per_second, pace.chat_every_s * 1000)
        taken = False
        while not taken:
            wait_ms = await self._outbox.pace(channel, conversation, *every, burst, pace.burst)
            taken = wait_ms >= 0
            await asyncio.sleep(abs(wait_ms) / 1000)

    async def _later(self, unsent: Unsent, error: SendLater) -> float | None:
        if time.time() - unsent.event.at / 1000 > LATEST_S:
            return await self._give_up(unsent.event, "too_late")
        if error.everyone and error.retry_after_s:
            await self._outbox.pause(self._channel.channel, error.retry_after_s)
        log.warning(
            "sending is tried again",
            channel=self._channel.channel,
            conversation=unsent.event.conversation,
            reason=error.reason,
            tries=unsent.tries + 1,
        )
        return max(error.retry_after_s, backoff_s(unsent.tries))

    async def _give_up(self, event: Event, reason: str, said: int = 1) -> float | None:
        await self._outbox.give_up(event.conversation, event.id, reason, said)
        log.warning(
            "sending was given up", channel=self._channel.channel, conversation=event.conversation, reason=reason
        )
        return None

    async def _put_back(self) -> None:
        """Gives conversations whose waiting is over back to the senders."""
        while not stopping():
            await asyncio.sleep(DUE_EVERY_S)
            try:
                await self._outbox.due(self._channel.channel, DUE_AT_ONCE)
            except RedisError as error:
                log.warning("sender could not look for what is due", error=type(error).__name__)

    async def _renew(self) -> None:
        """Keeps held entries young, so that no other sender takes them for abandoned."""
        while not stopping():
            await asyncio.sleep(RENEW_S)
            held = list(self._held)
            if not held:
                continue
            try:
                await self._redis.xclaim(
                    self._stream, keys.SENDERS, self._name, min_idle_time=0, message_ids=held, justid=True
                )
            except RedisError as error:
                log.warning("sender could not renew", error=type(error).__name__)


def backoff_s(tries: int) -> float:
    """Seconds before the next try after ``tries`` failures: doubling, shaken so that many do not come back at once."""
    doubled: float = min(FIRST_BACKOFF_S * 2.0 ** min(tries, 16), LONGEST_BACKOFF_S)
    return doubled * random.uniform(0.75, 1.25)  # noqa: S311
