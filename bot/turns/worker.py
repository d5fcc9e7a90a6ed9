"""Takes conversations from the work queue, answers their pending messages in order and releases them.

Delivery is at least once, and conversations run in parallel: the StreamConsumer renews this worker's leases and
reclaims those of dead workers. A commit applies only while its messages are still in the inbox
(bot/conversation/inbox.py).

Messages written in quick succession form one turn (message_batch.py). While a conversation waits for the rest of a
batch, it keeps its lease but uses no slot, so citizens who write in fragments do not delay others.

While an answer waits for approval, the citizen's new messages stay pending. If one of them cannot wait (emergency.py,
or a confirmed danger), the pending answer is sent immediately, and that message is answered next.

While Redis has lost its data and PostgreSQL is unreachable, no ticket can be opened: the citizen gets a notice after
REASSURE_AFTER_S seconds, and the turn is retried until it is committed.
"""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError, ResponseError
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.inbox import Committed, Inbox
from bot.conversation.state import ConversationState, Seen
from bot.core.clock import now_ms
from bot.core.logs import log
from bot.core.messages import Author, CitizenMessage, Speaker
from bot.core.progress import Beat, no_beat
from bot.metrics.measures import Outcome, Stage, count_committed, count_handoff, observe_lease, timed
from bot.store import keys
from bot.store.cancelling import beside
from bot.store.client import Store
from bot.store.consumer import StreamConsumer
from bot.store.isolation import redis_is_unavailable
from bot.store.words import WordsLocked
from bot.tickets.approvals import PendingApprovals
from bot.turns.emergency import cannot_wait, search_beside
from bot.turns.inbox_poller import InboxPoller
from bot.turns.message_batch import MessageBatch, MessageBatches
from bot.turns.outcome import Decision
from bot.turns.stuck import StuckTurns
from bot.turns.turns import Turns

SLOTS = 32
MAX_HELD = 512
TURNS_IN_A_ROW = 3
REASSURE_AFTER_S = 3.0
LEFT_PENDING = frozenset({Committed.STALE, Committed.EMPTY})


class Worker:
    """A worker that answers conversations until cancelled; an error in one conversation never stops the others."""

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
        self._stuck = StuckTurns(redis, inbox, turns)
        self._slots = asyncio.Semaphore(slots)
        self._consumer = StreamConsumer(
            redis,
            keys.WORK,
            keys.WORKERS,
            drain=self._drain,
            most=MAX_HELD,
            room=self._slot_is_free,
            hung=self._stuck.hung,
        )

    async def run(self, beat: Beat = no_beat) -> None:
        async with beside(self._inbox_poller.run()):
            await self._consumer.run(beat)

    async def _slot_is_free(self) -> None:
        """Waits for a free slot, so that a busy worker leaves new conversations to other workers."""
        async with self._slots:
            pass

    async def _drain(self, conversation: str, ready_id: str) -> None:
        """Answers a conversation's pending messages; a failure is retried later, but not for ever (StuckTurns)."""
        observe_lease(ready_id)
        try:
            if await self._take_turns(conversation, ready_id):
                self._stuck.succeeded(ready_id)
            else:
                await self._stuck.failed(conversation, ready_id)
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.warning("turn: store unavailable, retrying", conversation=conversation, error=type(error).__name__)
            if not _is_outage(error):
                await self._stuck.failed(conversation, ready_id)
        except Exception:
            log.exception("turn: failed", conversation=conversation)
            await self._stuck.failed(conversation, ready_id)

    async def _take_turns(self, conversation: str, ready_id: str) -> bool:
        """Answers the pending messages in at most TURNS_IN_A_ROW turns, then lets other conversations go first.

        Returns False if the messages are no longer the oldest of the inbox, since another worker answered them.
        """
        for _ in range(TURNS_IN_A_ROW):
            seen = await self._look_or_park(conversation, ready_id)
            if seen is None:
                return True
            if (left := await self._turn(seen, ready_id)) in LEFT_PENDING:
                return left is not Committed.STALE
            if await self._inbox.release(conversation, ready_id):
                return True
        await self._inbox.requeue(conversation, ready_id)
        return True

    async def _look_or_park(self, conversation: str, ready_id: str) -> Seen | None:
        """Reads the conversation; if one of its answers waits for approval, releases it and returns None."""
        while (seen := await self._look(conversation)).state.approval:
            if await self._any_urgent(seen):
                await self._pending_approvals.overtake(seen.state.approval)
            elif await self._inbox.park(conversation, ready_id, len(seen.pending)):
                return None
        return seen

    async def _any_urgent(self, seen: Seen) -> bool:
        if any(cannot_wait(message, seen.state.buttons) for message in seen.pending):
            return True
        dangers = [await self._turns.judge(message.text) for message in seen.pending]
        return any(danger and danger.sure for danger in dangers)

    async def _turn(self, seen: Seen, ready_id: str) -> Committed | None:
        """Answers the next batch; a fragment that is not understood waits once for its rest, which it is joined with.

        Returns None if the inbox is empty.
        """
        waited = 0  # for the rest of so many messages
        while found := await self._batch(seen, waited > 0):
            batch, seen = found
            wait_s = self._rest_wait_s(batch, seen, waited > 0) if len(batch.messages) > waited else 0
            if committed := await self._answer(batch, seen, ready_id, may_wait=wait_s > 0):
                return committed
            waited = len(batch.messages)
            await self._inbox_poller.more(seen.conversation, waited, wait_s)
            seen = await self._look(seen.conversation)
        return None

    async def _batch(self, seen: Seen, patient: bool) -> tuple[MessageBatch, Seen] | None:
        """Waits until the next batch is complete; returns the batch and the conversation as last read.

        Returns None if the inbox is empty.
        """
        while seen.pending:
            batch = self._first_batch(seen.pending, seen.state, patient)
            if not await self._inbox_poller.more(seen.conversation, len(seen.pending), batch.wait_s):
                return batch, seen
            seen = await self._look(seen.conversation)
        return None

    async def _look(self, conversation: str) -> Seen:
        """Reads the conversation, and searches its long pending messages for emergencies in a thread.

        The results are cached, so that later calls of ``told_danger`` do not block the event loop.
        """
        seen = await self._inbox.look(conversation)
        await search_beside(seen.pending)
        return seen

    def _rest_wait_s(self, batch: MessageBatch, seen: Seen, patient: bool) -> float:
        return self._batches.rest_wait_s(batch, seen.pending, now_ms(), patient=patient)

    def _first_batch(self, pending: list[CitizenMessage], state: ConversationState, patient: bool) -> MessageBatch:
        """Returns the inbox's first batch.

        If forming batches fails, returns the oldest message alone, so that it is still answered.
        """
        try:
            return self._batches.first(pending, state, now_ms(), patient=patient)
        except Exception:
            log.exception("turn: batch failed", conversation=pending[0].conversation)
            return MessageBatch((pending[0],))

    async def _answer(self, batch: MessageBatch, seen: Seen, ready_id: str, *, may_wait: bool) -> Committed | None:
        """Answers the batch; if it ``may_wait`` and its rest may follow, commits nothing and returns None."""
        conversation = batch.messages[0].conversation
        async with self._slots:
            reassurance = asyncio.create_task(self._reassure_while(conversation))
            try:
                committed = await self._commit(batch, seen, may_wait)
            except ResponseError:
                await self._stuck.commit_failed(batch.messages[0], ready_id)
                raise
            finally:
                reassurance.cancel()
            if committed is Committed.EMPTY:
                await self._reassure(conversation)
            return committed

    async def _commit(self, batch: MessageBatch, seen: Seen, may_wait: bool) -> Committed | None:
        state = seen.state if seen.is_fresh() else await self._inbox.state(seen.conversation)
        with timed(Stage.DECIDE):
            decision = await self._decide(batch.as_one(), state)
        if decision.may_go_on and may_wait:
            return None
        with timed(Stage.COMMIT):
            committed = await self._inbox.commit(
                list(batch.messages),
                decision.replies,
                speaker=state.speaker,
                change=decision.change,
                handoff=decision.handoff,
            )
        if committed is Committed.OK:
            _count(batch, state.speaker, decision)
        return committed

    async def _reassure_while(self, conversation: str) -> None:
        """Sends the notice of ``Turns.meanwhile`` every REASSURE_AFTER_S seconds, until cancelled.

        The inbox drops it if it is not needed.
        """
        while True:
            await asyncio.sleep(REASSURE_AFTER_S)
            try:
                await self._reassure(conversation)
            except RedisError as error:
                log.warning("turn: waiting notice failed", conversation=conversation, error=type(error).__name__)

    async def _reassure(self, conversation: str) -> None:
        seen = await self._inbox.look(conversation)
        for message in seen.pending:
            notice = self._turns.meanwhile(message, seen.state)
            await self._inbox.reassure(message, notice.replies, notice.enough_ms, notice.known)

    async def _decide(self, message: CitizenMessage, state: ConversationState) -> Decision:
        """Decides how to respond; after an internal error, apologizes and hands off if the assistant is the speaker.

        Raises redis.RedisError, after which the message is retried, since a full or unreachable Redis is not a reason
        to hand off.
        """
        try:
            return await self._turns.take(message, state)
        except RedisError:
            raise
        except (SQLAlchemyError, OSError) as error:
            # Not retried, since the record may be unavailable for hours, during which citizens are still answered.
            name = type(error).__name__
            log.warning("turn: record unavailable, handed off", conversation=message.conversation, error=name)
        except Exception:
            log.exception("turn: failed", conversation=message.conversation)
        return await self._turns.failed(message, state)


def _is_outage(error: Exception) -> bool:
    """Returns whether Redis is unavailable, or this process lacks the key of its texts; the messages then wait."""
    return isinstance(error, WordsLocked) or (isinstance(error, RedisError) and redis_is_unavailable(error))


def _count(batch: MessageBatch, speaker: Speaker, decision: Decision) -> None:
    """Counts the messages of a committed turn and the ticket that it opened."""
    outcome = _outcome(speaker, decision)
    for message in batch.messages:
        count_committed(message.channel, outcome, message.at)
    if decision.handoff:
        count_handoff(batch.messages[0].channel, decision.handoff.reason)


def _outcome(speaker: Speaker, decision: Decision) -> Outcome:
    if decision.handoff:
        return Outcome.HANDED_OFF
    if decision.change.to_approve:
        return Outcome.HELD
    answers = speaker is Speaker.ASSISTANT or any(one.author is Author.ASSISTANT for one in decision.replies)
    return Outcome.ANSWERED if answers else Outcome.LEFT_TO_STAFF
