"""Copies all of Redis as of one moment with the replication protocol, and prepares such a copy for use.

Redis forks and sends an RDB file over the connection, so it writes no file and keeps serving other clients.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import redis

from bot.backup.archive import COPY_BYTES, PieceWriter
from bot.backup.errors import StoreFailed
from bot.backup.rdb import keys_in
from bot.store import keys

PART = "valkey"
ANSWER_TIMEOUT_S = 120.0  # per read; Redis sends a newline about every second while it prepares the copy
MARK_BYTES = 40  # length of the random mark that follows an RDB file of unknown length
HEAD_BYTES = 4096
Client = Any  # a blocking redis.Redis; its stubs type every reply as a union with awaitables
MOST_UNRECORDED_MS = 5 * 60 * 1000  # half of the time for which the stream keeps recorded events


@contextmanager
def connected(url: str) -> Iterator[Client]:
    """Yields a blocking Redis client (context manager).

    Raises StoreFailed for every Redis error, including those within the block.
    """
    client = redis.Redis.from_url(url, protocol=2, socket_timeout=ANSWER_TIMEOUT_S, socket_connect_timeout=10)
    try:
        with client:
            yield client
    except redis.RedisError as error:
        raise StoreFailed(parte=PART, donde=place_of(url), problema=str(error)) from error


def place_of(url: str) -> str:
    """Returns ``host:port`` or the socket's path from a Redis URL, without the password."""
    facts = _facts_of(url)
    return str(facts.get("path") or f"{facts.get('host', 'localhost')}:{facts.get('port', 6379)}")


def database_of(url: str) -> int:
    """Returns the number of the Redis database in the URL; 0 if the URL has none."""
    return int(_facts_of(url).get("db") or 0)


def _facts_of(url: str) -> dict[str, Any]:
    with redis.Redis.from_url(url) as client:
        facts: dict[str, Any] = client.connection_pool.connection_kwargs
    return facts


def unrecorded_ms(client: Client) -> int:
    """Returns the age in ms of the oldest event that is not in the record yet; 0 if there is none."""
    groups = (
        {one["name"].decode(): one for one in client.xinfo_groups(keys.EVENTS)} if client.exists(keys.EVENTS) else {}
    )
    group = groups.get(keys.RECORDER)
    if group is None:
        return 0
    pending = client.xpending(keys.EVENTS, keys.RECORDER)["min"]
    unread = client.xrange(keys.EVENTS, min=b"(" + group["last-delivered-id"], count=1)
    oldest = [int(one.split(b"-")[0]) for one in (pending, *(row[0] for row in unread)) if one]
    seconds, _ = client.time()
    return max(0, int(seconds) * 1000 - min(oldest)) if oldest else 0


def copy_rdb(client: Client, into: PieceWriter) -> int | None:
    """Writes the RDB file to ``into`` and returns its number of keys. Raises RedisError.

    Returns None if several databases are in use, or if the file does not state the number.
    """
    connection = client.connection_pool.get_connection()
    try:
        for setting in (("capa", "eof"), ("rdb-only", "1")):
            connection.send_command("REPLCONF", *setting)
            with suppress(redis.ResponseError):  # older servers do not know ``rdb-only``
                connection.read_response()
        connection.send_command("SYNC")
        head = bytearray()
        for piece in _rdb(connection._sock):  # private attribute: the reply is not RESP; redis is pinned
            head += piece[: HEAD_BYTES - len(head)]
            into.write(piece)
    except OSError as error:
        raise redis.ConnectionError(str(error)) from error
    finally:
        connection.disconnect()
    alone = len(client.info("keyspace")) <= 1
    return keys_in(bytes(head)) if alone else None


def _rdb(socket: Any) -> Iterator[bytes]:
    """Yields the RDB file, in pieces, from the reply to SYNC. Raises RedisError."""
    with socket.makefile("rb", COPY_BYTES) as answer:
        line = b"\n"
        while line == b"\n":  # Redis sends empty lines while it prepares the copy
            line = answer.readline()
        if not line.startswith(b"$"):
            raise redis.ResponseError(line.decode(errors="replace").strip() or "SYNC: connection closed")
        if line.startswith(b"$EOF:"):
            yield from _until_mark(answer, line[5:].strip())
        else:
            yield from _of_length(answer, int(line[1:]))


def _until_mark(answer: BinaryIO, mark: bytes) -> Iterator[bytes]:
    """Yields the content before the end mark, after which Redis sends nothing more.

    Raises RedisError if the connection is closed before the mark.
    """
    held = b""
    while not held.endswith(mark):
        piece = answer.read1(COPY_BYTES)  # type: ignore[attr-defined]
        if not piece:
            raise redis.ConnectionError("SYNC: connection closed in the middle of the copy")
        held += piece
        if len(held) > MARK_BYTES:
            yield held[:-MARK_BYTES]
            held = held[-MARK_BYTES:]


def _of_length(answer: BinaryIO, length: int) -> Iterator[bytes]:
    while length:
        piece = answer.read(min(length, COPY_BYTES))
        if not piece:
            raise redis.ConnectionError("SYNC: connection closed in the middle of the copy")
        length -= len(piece)
        yield piece


@contextmanager
def rdb_file(home: Path) -> Iterator[BinaryIO]:
    """Yields a new file for the RDB data, which the Valkey of ``home`` loads when it starts (context manager)."""
    folder = home / "valkey" / "appendonlydir"
    folder.mkdir(mode=0o700, parents=True)
    base = folder / "appendonly.aof.1.base.rdb"
    with base.open("xb") as file:
        yield file
    (folder / "appendonly.aof.manifest").write_text(f"file {base.name} seq 1 type b\n")


def loaded_keys(client: Client) -> int:
    """Returns the number of keys that the server read from its files at start, including expired keys."""
    facts = client.info("persistence")
    return int(facts["rdb_last_load_keys_loaded"]) + int(facts["rdb_last_load_keys_expired"])


def settle(client: Client, database: int) -> None:
    """Prepares a loaded copy for use: moves its data to database 0, and makes the recorder read every event again.

    The copy of Redis is some seconds newer than that of the record, so events already marked as recorded may be missing
    in the record. Recording an event twice changes nothing.
    """
    if database:
        client.swapdb(database, 0)
    if client.exists(keys.EVENTS):
        client.xgroup_destroy(keys.EVENTS, keys.RECORDER)  # the recorder creates it again, at the stream's beginning


def open_work(client: Client) -> tuple[int, int]:
    """Returns the number of open tickets, and the number of conversations in the work queue.

    A conversation is in the work queue while it has pending messages, unless an answer waits for approval.
    """
    teams = [name.decode() for name in client.smembers(keys.QUEUES)]
    waiting = sum(client.zcard(keys.queue_key(team)) for team in teams)
    tickets = waiting + client.scard(keys.CLAIMED) + client.zcard(keys.SNOOZED) + client.zcard(keys.CALLBACKS)
    return int(tickets), int(client.xlen(keys.WORK))
