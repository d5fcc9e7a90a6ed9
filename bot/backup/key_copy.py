"""Copies every key to another Redis with the read and write commands of the key's type.

DUMP and RESTORE are not used: an older Redis rejects the output of a newer Redis's DUMP, even for a type it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

Client = Any  # a blocking redis.Redis or its pipeline; their stubs type every reply as a union with awaitables
BATCH = 200
GROUP = "copy"
GONE = -2  # PEXPIRETIME of a key that does not exist
READ: dict[bytes, Callable[[Client, bytes], object]] = {
    b"string": lambda pipe, name: pipe.get(name),
    b"hash": lambda pipe, name: pipe.hgetall(name),
    b"list": lambda pipe, name: pipe.lrange(name, 0, -1),
    b"set": lambda pipe, name: pipe.smembers(name),
    b"zset": lambda pipe, name: pipe.zrange(name, 0, -1, withscores=True),
    b"stream": lambda pipe, name: pipe.xrange(name),
}
WRITE: dict[bytes, Callable[[Client, bytes, Any], object]] = {
    b"string": lambda pipe, name, value: pipe.set(name, value),
    b"hash": lambda pipe, name, fields: pipe.hset(name, mapping=fields),
    b"list": lambda pipe, name, values: pipe.rpush(name, *values),
    b"set": lambda pipe, name, values: pipe.sadd(name, *values),
    b"zset": lambda pipe, name, scored: pipe.zadd(name, dict(scored)),
    b"stream": lambda pipe, name, entries: [pipe.xadd(name, fields, id=one) for one, fields in entries],
}


def copy_keys(source: Client, target: Client) -> int:
    """Copies every key, with its expiry time, to an empty Redis; returns the number of keys. Raises RedisError.

    Streams keep their consumer groups and the groups' unacknowledged entries.
    """
    names, copied = iter(set(source.scan_iter(count=BATCH))), 0  # a set, since SCAN may return a key twice
    while batch := list(islice(names, BATCH)):
        copied += _copy(source, target, batch)
    return copied


def _copy(source: Client, target: Client, names: list[bytes]) -> int:
    kinds = dict(zip(names, _answers(source, ((_type, name) for name in names)), strict=True))
    kinds = {name: kind for name, kind in kinds.items() if kind in READ}  # omits keys that have expired meanwhile
    contents = _answers(source, ((READ[kind], name) for name, kind in kinds.items()))
    expiries = _answers(source, ((_expiry, name) for name in kinds))
    writing, copied = target.pipeline(transaction=False), 0
    for (name, kind), content, until in zip(kinds.items(), contents, expiries, strict=True):
        if until == GONE:
            continue
        if kind == b"stream":
            _create_stream(writing, name)
        elif (not content and kind != b"string") or content is None:
            continue
        WRITE[kind](writing, name, content)
        if kind == b"stream":
            _copy_position(source, writing, name)
        if until > 0:
            writing.pexpireat(name, until)
        copied += 1
    writing.execute()
    return copied


def _answers(source: Client, questions: Iterable[tuple[Callable[[Client, bytes], object], bytes]]) -> list[Any]:
    reading = source.pipeline(transaction=False)
    for ask, name in questions:
        ask(reading, name)
    answers: list[Any] = reading.execute()
    return answers


def _type(pipe: Client, name: bytes) -> object:
    return pipe.type(name)


def _expiry(pipe: Client, name: bytes) -> object:
    return pipe.pexpiretime(name)


def _create_stream(target: Client, name: bytes) -> None:
    """Creates an empty stream by creating a group, since Redis has no other command for it."""
    target.xgroup_create(name, GROUP, mkstream=True)
    target.xgroup_destroy(name, GROUP)


def _copy_position(source: Client, target: Client, name: bytes) -> None:
    """Copies a stream's last id, whose entry may have been deleted, and its consumer groups."""
    target.execute_command("XSETID", name, source.xinfo_stream(name)["last-generated-id"])
    for group in source.xinfo_groups(name):
        target.xgroup_create(name, group["name"], id=group["last-delivered-id"])
        for one in source.xpending_range(name, group["name"], "-", "+", group["pending"]) if group["pending"] else ():
            target.xclaim(
                name,
                group["name"],
                one["consumer"],
                min_idle_time=0,
                message_ids=[one["message_id"]],
                idle=one["time_since_delivered"],
                retrycount=one["times_delivered"],
                force=True,
                justid=True,
            )
