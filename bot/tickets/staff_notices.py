"""Keeps the notices that agents have not read yet; the scripts that move tickets and add notes also write them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from bot.core.events import EventKind
from bot.core.messages import Author
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all


class NoticeKind(StrEnum):
    """The kind of a notice to an agent."""

    NAMED = "named"  # a note mentions the agent
    GIVEN = "given"  # somebody gave the agent a ticket
    TAKEN = "taken"  # somebody took the agent's ticket, or gave it to another agent
    REQUEUED = "requeued"  # somebody put the agent's ticket back into a queue
    VANISHED = "vanished"  # the agent's ticket went back to the queue because their browser was gone
    SILENT = "silent"  # the agent's ticket went back to the queue because they did not answer
    ENTRY = "entry"  # an entry needs somebody, or was published urgently; `by` has the Spanish text
    PROMISE = "promise"  # more answers were wrong than promised; `by` has the Spanish text
    BANNED = "banned"  # somebody blocked for false emergencies wrote of a danger; `by` has the Spanish text
    DRILL = "drill"  # no drill took place for a term of agency.yml (`drill_every`); `by` has the Spanish text
    FAULT = "fault"  # a fault delayed citizens' messages; `by` has the Spanish text
    PUBLIC_NOTICE = "public_notice"  # a public notice runs, or waits for a second person; `by` has the Spanish text


@dataclass(frozen=True)
class StaffNotice:
    """A notice for one agent; ``to`` is the name of the ticket's new owner, and ``text`` is a note or further details.

    ``by`` is the name of the person who caused the notice, or a Spanish text for some kinds (see NoticeKind). ``page``
    is the path of the desk's page where something can be done about it, or ''. ``ticket`` and ``conversation`` are ''
    if the notice is about no ticket.
    """

    id: str
    kind: NoticeKind
    ticket: str
    conversation: str
    by: str
    to: str
    text: str
    at: int  # ms since 1970
    page: str = ""

    @classmethod
    def from_json(cls, id: str, raw: str) -> StaffNotice:
        data = json.loads(raw)
        words = {name: data.get(name, "") for name in ("ticket", "conversation", "by", "to", "text", "page")}
        return cls(id=id, kind=NoticeKind(data["kind"]), at=int(data["at"]), **words)


class StaffNotices:
    """The unread notices of agents in Redis; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def of(self, staff: str) -> list[StaffNotice]:
        """Returns an agent's unread notices, oldest first."""
        found = await self._redis.hgetall(keys.staff_notices_key(staff))
        notices = [StaffNotice.from_json(*one) for one in found.items()]
        return sorted((self._opened(one) for one in notices), key=lambda one: (one.at, one.id))

    async def ids_of(self, staff: Sequence[str]) -> dict[str, list[str]]:
        """Returns the ids of the unread notices of each agent, in one round trip; they begin with the kind."""
        names = [keys.staff_notices_key(one) for one in staff]
        return dict(zip(staff, await ask_all(self._redis, lambda ask, name: ask.hkeys(name), names), strict=True))

    async def notify(
        self,
        staff: Sequence[str],
        kind: NoticeKind,
        words: str,
        text: str,
        page: str = "",
        *,
        conversation: str = "",
        about: str = "",
    ) -> None:
        """Sends several agents a notice without a ticket, and updates their pages.

        ``words`` says in Spanish what happened; ``text`` gives details, or is ''. ``page`` is as in StaffNotice.
        ``conversation`` is an example of those that the notice is about, or ''. The notice replaces an unread one of
        the same ``kind`` and ``about``, unless ``about`` is ''.
        """
        at = int(time.time() * 1000)
        said = {"by": self._redis.words.seal(conversation, words), "text": self._redis.words.seal(conversation, text)}
        fields = {"kind": kind, "ticket": "", "conversation": conversation, **said, "at": at, "page": page}
        id = f"{kind}-{about}" if about else f"{at}-{kind}-{secrets.token_hex(3)}"
        for one in staff:
            key = keys.staff_notices_key(one)
            await self._redis.sadd(keys.WORDS_MASTERS, self._redis.words.newest)
            await self._redis.hset(key, id, json.dumps(fields))
            await self._redis.expire(key, keys.IDLE_TTL_S)
        await self._signal()

    async def drop_about(self, staff: Sequence[str], kind: NoticeKind, about: str) -> None:
        """Deletes the notices of several agents whose ``about`` begins with the given text, and updates their pages."""
        found = await self.ids_of(staff)
        await self.drop_all({one: [id for id in ids if id.startswith(f"{kind}-{about}")] for one, ids in found.items()})

    async def drop_all(self, ids: Mapping[str, Sequence[str]]) -> None:
        """Deletes the notices with these ids of each agent, and updates their pages if there are any."""
        stale = {staff: some for staff, some in ids.items() if some}
        for staff, some in stale.items():
            await self._redis.hdel(keys.staff_notices_key(staff), *some)
        if stale:
            await self._signal()

    async def keep_only(self, staff: str, kind: NoticeKind, abouts: Callable[[], Awaitable[set[str]]]) -> None:
        """Deletes an agent's notices of a ``kind``, except those whose ``about`` is in the result of ``abouts()``.

        Reads the notices before it calls ``abouts``, so that a notice that arrives meanwhile is kept. Does not call
        ``abouts`` if there are no notices.
        """
        key = keys.staff_notices_key(staff)
        kept = {id for id in await self._redis.hkeys(key) if id.startswith(f"{kind}-")}
        if kept and (stale := kept - {f"{kind}-{about}" for about in await abouts()}):
            await self._redis.hdel(key, *stale)
            await self._signal()

    def _opened(self, notice: StaffNotice) -> StaffNotice:
        opened = partial(self._redis.words.opened_for_people, notice.conversation)
        return replace(notice, by=opened(notice.by), text=opened(notice.text))

    async def _signal(self) -> None:
        signal = {"conversation": "", "kind": EventKind.STAFF_NOTIFIED, "author": Author.SYSTEM, "data": "{}"}
        await self._redis.xadd(keys.SIGNALS, signal, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def drop(self, staff: str, notice: str) -> None:
        """Deletes a notice that the agent has read."""
        await self._redis.hdel(keys.staff_notices_key(staff), notice)
