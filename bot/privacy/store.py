"""Finds and deletes the data of one conversation in Redis.

Most keys contain the conversation's name; other keys are found by their content.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from redis.exceptions import ResponseError

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.core.messages import Channel
from bot.privacy.removed_words import RemovedWords
from bot.privacy.rewriting import changed
from bot.store import keys
from bot.store.append_only_file import AppendOnlyFile
from bot.store.client import Store
from bot.store.scripts import Script

AT_ONCE = 1000
RECORDED_WITHIN_S = 15.0
LOOK_EVERY_S = 0.1
_BELONGS = {  # prefix of keys without the conversation's name -> the field that contains it
    keys.ticket_key.pieces[0]: "conversation",
    keys.approval_key.pieces[0]: "conversation",
}


class StoredConversation:
    """The data of conversations in Redis; methods may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self.file = AppendOnlyFile(redis)
        self._forget = Script(redis, "forget")

    async def count_keys(self, name: str) -> int:
        """Returns the number of the conversation's keys."""
        own, beside = await self._keys(name)
        return len(own) + len(beside)

    async def events(self, name: str) -> list[Event]:
        """Returns the events of the conversation's log, oldest first."""
        rows = await self._redis.xrange(keys.log_key(name))
        return [event_from(name, *self._redis.words.opened(name, row)) for row in rows]

    async def is_busy(self, name: str) -> bool:
        """Returns whether the citizen waits for or has an agent, or a message is not answered, approved or sent."""
        speaker, approval = await self._redis.hmget(keys.conversation_key(name), ("speaker", "proposal"))
        waits = [await self._redis.llen(family(name)) for family in (keys.inbox_key, keys.outbox_key)]
        return speaker not in (None, "assistant") or approval is not None or any(waits)

    async def forget(self, name: str, *, anyway: bool = False) -> bool:
        """Deletes the conversation's data, except its block, and notes that the append-only file must be rewritten.

        Deletes nothing and returns False if the conversation is busy, unless ``anyway`` is true. Waits, at most
        RECORDED_WITHIN_S seconds, until the recorder no longer processes an event of the conversation. A message that
        arrives meanwhile stays.
        """
        own, beside = await self._keys(name)
        tickets, approvals = await self.tickets_and_approvals(name)
        last = await self._forget(
            conversation=name,
            tickets=tickets,
            approvals=approvals,
            channels=list(Channel),
            names=[*own, *beside],
            anyway=int(anyway),
        )
        if not last:
            return False
        await self._forget_notices(name)
        await self._forget_entries(keys.SIGNALS, name)
        await self._recorded(await self._forget_entries(keys.EVENTS, name, last=str(last)))
        await self.file.note_due()
        return True

    async def tickets_and_approvals(self, name: str) -> tuple[list[str], list[str]]:
        """Returns the ids of the conversation's tickets and pending approvals that Redis still contains."""
        _, beside = await self._keys(name)
        families = keys.ticket_key.pieces[0], keys.approval_key.pieces[0]
        found = [[key.rpartition(":")[2] for key in beside if key.startswith(prefix)] for prefix in families]
        return found[0], found[1]

    async def is_recorded(self) -> bool:
        """Returns whether the recorder has written all present events; waits up to RECORDED_WITHIN_S seconds."""
        newest = await self._redis.xrevrange(keys.EVENTS, count=1)
        for _ in range(round(RECORDED_WITHIN_S / LOOK_EVERY_S)):
            if not newest or await self._has_recorded(newest[0][0]):
                return True
            await asyncio.sleep(LOOK_EVERY_S)
        return False

    async def forget_words(self, name: str, event_id: str, words: RemovedWords) -> None:
        """Deletes a message's entry from the stream of events.

        Other entries of the conversation, and notices to staff about it, are deleted too if they repeat the words. Also
        notes that the append-only file must be rewritten.
        """
        async for key, notices in self._staff_notices():
            for id, one in notices.items():
                notice = json.loads(one)
                if notice.get("conversation") != name:
                    continue
                notice = self._redis.words.opened(name, notice)
                if words.without_in(notice) != notice:
                    await self._redis.hdel(key, id)

        def repeats(one: dict[str, str]) -> bool:
            return one["id"] == event_id or bool(changed(words, self._redis.words.opened(name, one)))

        await self._forget_entries(keys.EVENTS, name, repeats)
        await self.file.note_due()

    async def _has_recorded(self, entry: str) -> bool:
        """Returns whether the recorder has written the stream up to an entry."""
        try:
            groups = {one["name"]: one for one in await self._redis.xinfo_groups(keys.EVENTS)}
            delivered = groups[keys.RECORDER]["last-delivered-id"]
        except (KeyError, ResponseError):  # no recorder ever read the stream
            return False
        return _moment(delivered) >= _moment(entry) and not await self._is_pending(entry)

    async def _keys(self, name: str) -> tuple[list[str], list[str]]:
        """Returns two lists: the keys that contain the conversation's name (but not its block), and its other keys."""
        own, beside = [], []
        async for some in self._all():
            own += [key for key in some if name in key.split(":") and not key.startswith(keys.ban_key.pieces[0])]
            for prefix, field in _BELONGS.items():
                named = [key for key in some if key.startswith(prefix) and key != keys.TICKET_SEQ]
                beside += await self._with_field(named, field, name)
            sent = [key for key in some if key.startswith(keys.sent_key.pieces[0])]
            values = await self._redis.mget(sent) if sent else []
            beside += [key for key, value in zip(sent, values, strict=True) if value and value.split(" ")[0] == name]
        return own, beside

    async def _all(self) -> AsyncIterator[list[str]]:
        cursor = 0
        while True:
            cursor, some = await self._redis.scan(cursor, match="v:*", count=AT_ONCE)
            yield some
            if cursor == 0:
                return

    async def _with_field(self, names: list[str], field: str, value: str) -> list[str]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in names:
                pipe.hget(key, field)
            found = await pipe.execute() if names else []
        return [key for key, one in zip(names, found, strict=True) if one == value]

    async def _forget_notices(self, name: str) -> None:
        """Deletes notices to staff about the conversation."""
        async for key, notices in self._staff_notices():
            about = [id for id, one in notices.items() if json.loads(one).get("conversation") == name]
            if about:
                await self._redis.hdel(key, *about)

    async def _staff_notices(self) -> AsyncIterator[tuple[str, dict[str, str]]]:
        async for some in self._all():
            for key in some:
                if key.startswith(keys.staff_notices_key.pieces[0]):
                    yield key, await self._redis.hgetall(key)

    async def _forget_entries(
        self, stream: str, name: str, fits: Callable[[dict[str, str]], bool] = lambda _fields: True, last: str = "+"
    ) -> str:
        """Deletes the conversation's entries up to ``last`` for which ``fits`` returns True.

        Returns the id of the newest deleted entry, or ''.
        """
        first, newest = "-", ""
        while rows := await self._redis.xrange(stream, min=first, max=last, count=AT_ONCE):
            if mine := [entry for entry, fields in rows if fields.get("conversation") == name and fits(fields)]:
                await self._redis.xdel(stream, *mine)
                newest = mine[-1]
            first = f"({rows[-1][0]}"
        return newest

    async def _recorded(self, newest: str) -> None:
        """Waits until no recorder is still writing an entry up to ``newest`` that it had read before the deletion.

        Gives up after RECORDED_WITHIN_S seconds.
        """
        for _ in range(round(RECORDED_WITHIN_S / LOOK_EVERY_S)):
            if not newest or not await self._is_pending(newest):
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def _is_pending(self, newest: str) -> bool:
        try:
            pending = await self._redis.xpending(keys.EVENTS, keys.RECORDER)
        except ResponseError:  # no recorder has ever read the stream
            return False
        return bool(pending["pending"]) and _moment(pending["min"]) <= _moment(newest)


def _moment(stream_id: str) -> tuple[int, int]:
    ms, _, number = stream_id.partition("-")
    return int(ms), int(number or 0)
