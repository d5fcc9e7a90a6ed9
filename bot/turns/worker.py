"""The worker: takes conversations with mail, answers their messages in order, lets them go. Runs inside the bot or
alone.

At least once, in order, in parallel: holder.py holds what this worker has and takes over what a dead one had.
Committing is fenced by the mail itself, see mailbox.py.

Messages written in one go are one turn, see burst.py. Waiting for the rest of a burst costs nothing but being held:
only answering takes one of the ``slots``, so people who write in fragments keep nobody else waiting.

While an answer waits for a person's OK (proposals.py), what the citizen writes is let lie until that is decided. What
cannot wait (urgent.py) sends the answer at once, and is answered after it.

While Redis is empty and the record away nobody can be put in line: then whoever wrote is told so within
REASSURE_AFTER_S, and the conversation is taken again until it is answered.
"""

from __future__ import annotations

import asyncio
import time

from redis.exceptions import RedisError

from bot.conversation.inbox import Committed, Inbox
from bot.conversation.state import ConversationState
from bot.core.logs import log
from bot.core.messages import CitizenMessage
from bot.core.progress import Beat, no_beat
from bot.store import keys
from bot.store.client import Store
from bot.store.consumer import StreamConsumer
from bot.tickets.approvals import PendingApprovals
from bot.turns.emergency import cannot_wait
from bot.turns.inbox_poller import InboxPoller
from bot.turns.message_batch import MessageBatch, MessageBatches
from bot.turns.outcome import Decision
from bot.turns.turns import Turns

SLOTS = 32
MAX_HELD = 512
TURNS_IN_A_ROW = 3
REASSURE_AFTER_S = 3.0
LEFT_PENDING = frozenset({Committed.STALE, Committed.EMPTY})


class Worker:
    """``run()`` works until cancelled. Errors of one conversation never stop the others."""

    def __init__(
        self,
        *,
        redis: Store,
        inbox: Inbox,
        pending_approvals: PendingApprovals,
        turns: Turns,
        batches: MessageBatches,
        slots: int = SLOTS,
    ) -> None:
        self._inbox = inbox
        self._pending_approvals = pending_approvals
        self._turns = turns
        self._batches = batches
        self._inbox_poller = InboxPoller(inbox)
        self._slots = asyncio.Semaphore(slots)
        self._holder = StreamConsumer(
            redis, keys.WORK, keys.WORKERS, drain=self._drain, most=MAX_HELD, room=self._slot_is_free
        )

    async def run(self, beat: Beat = no_beat) -> None:
        looking = asyncio.create_task(self._inbox_poller.run())
        try:
            await self._holder.run(beat)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _slot_is_free(self) -> None:
        """What could not be answered now is left to other workers."""
        async with self._slots:
            pass

    async def _drain(self, conversation: str, ready_id: str) -> None:
        """Answers a conversation's mail, a few turns at a time.

        A failure leaves the entry pending: it is taken again after a while.
        """
        try:
            for _ in range(TURNS_IN_A_ROW):
                if await self._parked(conversation, ready_id):
                    return
                batch = await self._batch(conversation)
                if batch is None and await self._inbox.release(conversation, ready_id):
                    return
                if batch and await self._answer(batch) in LEFT_PENDING:
                    return
            await self._inbox.requeue(conversation, ready_id)
        except RedisError as error:
            log.warning("turn lost redis", conversation=conversation, error=type(error).__name__)
        except Exception:
            log.exception("turn failed", conversation=conversation)

    async def _parked(self, conversation: str, ready_id: str) -> bool:
        """Whether the conversation was let go because an answer there waits for a person's OK."""
        while (state := await self._inbox.state(conversation)).approval:
            mail = await self._inbox.mail(conversation)
            if any(cannot_wait(message, state.buttons) for message in mail):
                await self._pending_approvals.overtake(state.approval)
            elif await self._inbox.park(conversation, ready_id, len(mail)):
                return True
        return False

    async def _batch(self, conversation: str) -> MessageBatch | None:
        """The messages of the next turn, once no more can belong to it; None when there is no mail."""
        while mail := await self._inbox.mail(conversation):
            state = await self._inbox.state(conversation)
            batch = self._first(mail, state)
            if not await self._inbox_poller.more(conversation, len(mail), batch.wait_s):
                return batch
        return None

    def _first(self, mail: list[CitizenMessage], state: ConversationState) -> MessageBatch:
        """The burst that begins the mail; the oldest message alone when that fails, so that it is told all the same."""
        try:
            return self._batches.first(mail, state, int(time.time() * 1000))
        except Exception:
            log.exception("burst failed", conversation=mail[0].conversation)
            return MessageBatch((mail[0],))

    async def _answer(self, batch: MessageBatch) -> Committed:
        conversation = batch.messages[0].conversation
        async with self._slots:
            reassuring = asyncio.create_task(self._reassure_while(conversation))
            try:
                committed = await self._commit(batch)
            finally:
                reassuring.cancel()
            if committed is Committed.EMPTY:
                await self._reassure(conversation)
            return committed

    async def _commit(self, batch: MessageBatch) -> Committed:
        state = await self._inbox.state(batch.messages[0].conversation)
        decision = await self._decide(batch.as_one(), state)
        return await self._inbox.commit(
            list(batch.messages),
            decision.replies,
            speaker=state.speaker,
            change=decision.change,
            handoff=decision.handoff,
        )

    async def _reassure_while(self, conversation: str) -> None:
        """Now and then, while a turn takes long."""
        while True:
            await asyncio.sleep(REASSURE_AFTER_S)
            try:
                await self._reassure(conversation)
            except RedisError as error:
                log.warning("nobody could be reassured", conversation=conversation, error=type(error).__name__)

    async def _reassure(self, conversation: str) -> None:
        for message in await self._inbox.mail(conversation):
            told = self._turns.meanwhile(message)
            await self._inbox.reassure(message, told.replies, told.enough_ms)

    async def _decide(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """The turn's outcome; a fault of ours is told to the citizen like any other, since silence is one more."""
        try:
            return await self._turns.take(message, state)
        except Exception:
            log.exception("turn failed", conversation=message.conversation)
            return await self._turns.failed(state)
