"""The worker: takes conversations with mail, answers their messages in order, lets them go. Runs inside the bot or
alone.

At least once, in order, in parallel: a conversation is held by one worker at a time (its entry in the ready stream).
A held entry is renewed every second; one that nobody renewed for RECLAIM_IDLE_MS belongs to a dead worker and is taken
over. Committing is fenced by the mail itself, see mailbox.py.

Messages written in one go are one turn, see burst.py. Waiting for the rest of a burst costs nothing but being held:
only answering takes one of the ``slots``, so people who write in fragments keep nobody else waiting.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from functools import partial

from redis.exceptions import RedisError

from bot.conversation import keys
from bot.conversation.arrivals import Arrivals
from bot.conversation.burst import Burst, Bursts
from bot.conversation.connect import Store
from bot.conversation.mailbox import Committed, ConversationState, Mailbox
from bot.conversation.streams import Taker, make_group, stopping
from bot.conversation.turns import Outcome, Turns
from bot.logs import log
from bot.messages import CitizenMessage

SLOTS = 32
MOST_HELD = 512
RENEW_S = 1.0
RETRY_S = 0.5
TURNS_IN_A_ROW = 3


class Worker:
    """``run()`` works until cancelled. Errors of one conversation never stop the others."""

    def __init__(self, *, redis: Store, mailbox: Mailbox, turns: Turns, bursts: Bursts, slots: int = SLOTS) -> None:
        self._redis = redis
        self._mailbox = mailbox
        self._turns = turns
        self._bursts = bursts
        self._arrivals = Arrivals(mailbox)
        self._room = asyncio.Semaphore(MOST_HELD)
        self._slots = asyncio.Semaphore(slots)
        self._held: dict[str, asyncio.Task[None]] = {}
        self._name = secrets.token_hex(6)
        self._taker = Taker(redis, keys.READY, keys.WORKERS, name=self._name)

    async def run(self) -> None:
        beside = [asyncio.create_task(self._renew()), asyncio.create_task(self._arrivals.run())]
        try:
            while not stopping():
                try:
                    await make_group(self._redis, keys.READY, keys.WORKERS)
                    await self._work()
                except RedisError as error:
                    log.warning("worker lost redis", error=type(error).__name__)
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
                async with self._slots:
                    pass  # what could not be answered now is left to other workers
                row = await self._taker.next()
            except BaseException:
                self._room.release()
                raise
            if row is None or row[0] in self._held:
                self._room.release()
                continue
            ready_id, fields = row
            task = asyncio.create_task(self._drain(fields["conversation"], ready_id))
            self._held[ready_id] = task
            task.add_done_callback(partial(self._let_go, ready_id))

    def _let_go(self, ready_id: str, _task: asyncio.Task[None]) -> None:
        self._held.pop(ready_id, None)
        self._room.release()

    async def _drain(self, conversation: str, ready_id: str) -> None:
        """Answers a conversation's mail, a few turns at a time.

        A failure leaves the entry pending: it is taken again after a while.
        """
        try:
            for _ in range(TURNS_IN_A_ROW):
                burst = await self._burst(conversation)
                if burst is None and await self._mailbox.release(conversation, ready_id):
                    return
                if burst and await self._answer(burst) is Committed.STALE:
                    return
            await self._mailbox.requeue(conversation, ready_id)
        except RedisError as error:
            log.warning("turn lost redis", conversation=conversation, error=type(error).__name__)
        except Exception:
            log.exception("turn failed", conversation=conversation)

    async def _burst(self, conversation: str) -> Burst | None:
        """The messages of the next turn, once no more can belong to it; None when there is no mail."""
        while mail := await self._mailbox.mail(conversation):
            state = await self._mailbox.state(conversation)
            burst = self._bursts.first(mail, state, int(time.time() * 1000))
            if not await self._arrivals.more(conversation, len(mail), burst.wait_s):
                return burst
        return None

    async def _answer(self, burst: Burst) -> Committed:
        async with self._slots:
            state = await self._mailbox.state(burst.messages[0].conversation)
            outcome = await self._decide(burst.as_one(), state)
            return await self._mailbox.commit(
                list(burst.messages),
                outcome.replies,
                speaker=state.speaker,
                change=outcome.change,
                handoff=outcome.handoff,
            )

    async def _decide(self, message: CitizenMessage, state: ConversationState) -> Outcome:
        """The turn's outcome; a fault of ours is told to the citizen like any other, since silence is one more."""
        try:
            return await self._turns.take(message, state)
        except Exception:
            log.exception("turn failed", conversation=message.conversation)
            return self._turns.failed(state)

    async def _renew(self) -> None:
        """Keeps held entries young, so that no other worker takes them for abandoned."""
        while not stopping():
            await asyncio.sleep(RENEW_S)
            held = list(self._held)
            if not held:
                continue
            try:
                await self._redis.xclaim(
                    keys.READY, keys.WORKERS, self._name, min_idle_time=0, message_ids=held, justid=True
                )
            except RedisError as error:
                log.warning("worker could not renew", error=type(error).__name__)
