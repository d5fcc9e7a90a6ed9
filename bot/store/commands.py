"""Declares the types of the Redis commands that we use: keys and replies are str, since the client decodes them.

redis-py's own annotations cover its blocking and its asynchronous client together, so they cannot express this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, Self, TypeVar, overload

Row = tuple[str, dict[str, str]]  # an entry of a stream: its id and its fields
A = TypeVar("A")
B = TypeVar("B")


class Reads(Protocol):
    """The commands that read a key, on the client or in a pipeline."""

    def exists(self, *names: str) -> Awaitable[int]: ...
    def get(self, name: str) -> Awaitable[str | None]: ...
    def hget(self, name: str, key: str) -> Awaitable[str | None]: ...
    def hgetall(self, name: str) -> Awaitable[dict[str, str]]: ...
    def hmget(self, name: str, keys: Sequence[str]) -> Awaitable[list[str | None]]: ...
    def llen(self, name: str) -> Awaitable[int]: ...
    def lrange(self, name: str, start: int, end: int) -> Awaitable[list[str]]: ...
    def sismember(self, name: str, value: str) -> Awaitable[int]: ...
    def smembers(self, name: str) -> Awaitable[set[str]]: ...
    def zcard(self, name: str) -> Awaitable[int]: ...
    @overload
    def zrange(self, name: str, start: int, end: int) -> Awaitable[list[str]]: ...
    @overload
    def zrange(
        self, name: str, start: int, end: int, *, withscores: Literal[True]
    ) -> Awaitable[list[tuple[str, float]]]: ...
    def zrangebyscore(self, name: str, min: str | int, max: str | int) -> Awaitable[list[str]]: ...
    def zrank(self, name: str, value: str) -> Awaitable[int | None]: ...
    def xrange(self, name: str, min: str, *, count: int) -> Awaitable[list[Row]]: ...
    def xrevrange(self, name: str, *, count: int) -> Awaitable[list[Row]]: ...


class Pipeline(Reads, Protocol):
    """A pipeline, which sends its commands in one round trip; ``ask_all`` and ``ask_both`` use it."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *error: object) -> None: ...
    async def execute(self) -> list[Any]: ...


class Registered(Protocol):
    """A registered Lua script; calling it runs the script by its digest (EVALSHA)."""

    def __call__(self, *, args: Sequence[Any]) -> Awaitable[Any]: ...


class Streams(Protocol):
    """The commands on streams and consumer groups.

    ``xread`` and ``xreadgroup`` return one of two forms, which streams.py parses. ``xautoclaim`` returns the next
    cursor, the entries, and the ids of deleted entries.
    """

    def xack(self, name: str, groupname: str, *ids: str) -> Awaitable[int]: ...
    def xadd(
        self, name: str, fields: Mapping[str, str], *, maxlen: int | None = None, approximate: bool = True
    ) -> Awaitable[str]: ...
    def xautoclaim(
        self,
        name: str,
        groupname: str,
        consumername: str,
        min_idle_time: int,
        start_id: str = "0-0",
        count: int | None = None,
    ) -> Awaitable[tuple[str, list[tuple[str, dict[str, str] | None]], list[str]]]: ...
    def xclaim(
        self,
        name: str,
        groupname: str,
        consumername: str,
        min_idle_time: int,
        message_ids: Sequence[str],
        *,
        justid: bool = False,
    ) -> Awaitable[object]: ...
    def xgroup_create(self, name: str, groupname: str, id: str = "$", mkstream: bool = False) -> Awaitable[object]: ...
    def xpending(self, name: str, groupname: str) -> Awaitable[Mapping[str, object]]: ...
    def xread(self, streams: Mapping[str, str], count: int, block: int) -> Awaitable[object]: ...
    def xreadgroup(
        self, groupname: str, consumername: str, streams: Mapping[str, str], count: int, block: int | None = None
    ) -> Awaitable[object]: ...
    def xtrim(self, name: str, *, minid: str, approximate: bool = True) -> Awaitable[int]: ...


class Store(Reads, Streams, Protocol):
    """The Redis client that one process shares."""

    def aclose(self) -> Awaitable[None]: ...
    def scan(self, cursor: int, *, match: str, count: int) -> Awaitable[tuple[int, list[str]]]: ...
    def ping(self) -> Awaitable[object]: ...
    def time(self) -> Awaitable[tuple[int, int]]: ...
    def hset(self, name: str, key: str, value: str) -> Awaitable[int]: ...
    def hdel(self, name: str, *keys: str) -> Awaitable[int]: ...
    def hsetnx(self, name: str, key: str, value: str) -> Awaitable[object]: ...
    def sadd(self, name: str, *values: str) -> Awaitable[int]: ...
    def set(
        self, name: str, value: str | int, *, ex: int | None = None, px: int | None = None
    ) -> Awaitable[object]: ...
    def pipeline(self, transaction: bool = True) -> Pipeline: ...
    def register_script(self, script: str) -> Registered: ...


async def ask_all(redis: Store, ask: Callable[[Reads, str], Awaitable[A]], names: Iterable[str]) -> list[A]:
    """Runs the command ``ask`` for each of ``names`` in one round trip; returns the replies in the same order."""
    async with redis.pipeline(transaction=False) as pipe:
        for name in names:
            ask(pipe, name)
        return await pipe.execute()


async def ask_both(
    redis: Store,
    one: Callable[[Reads, str], Awaitable[A]],
    other: Callable[[Reads, str], Awaitable[B]],
    names: Iterable[str],
    *,
    at_once: bool = False,
) -> list[tuple[A, B]]:
    """Runs two commands for each of ``names`` in one round trip and returns a pair of replies per name.

    With ``at_once``, all of these commands form one transaction.
    """
    async with redis.pipeline(transaction=at_once) as pipe:
        for name in names:
            one(pipe, name)
            other(pipe, name)
        answers = await pipe.execute()
    return list(zip(answers[::2], answers[1::2], strict=True))
