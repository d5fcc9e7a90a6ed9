"""Reads the contents of the stores after a run: event logs, rows of the record, queued items and tickets."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import redis
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from benchmarks.faulting.system import SECRET
from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.core.secrets.encryption import MasterKeys
from bot.record.engine import open_database
from bot.record.tables import Message, Ticket
from bot.record.transcripts.rows import read
from bot.store import keys
from bot.store.words import Words
from tests.live_people import order
from tests.transcripts import MASTERS

NUMBER = re.compile(r"\[(\d{6,})\]")
TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Row:
    """A message in the record."""

    conversation: str
    event_id: str
    author: str
    text: str


@dataclass
class Evidence:
    """The contents of the stores after a run."""

    # By conversation: ``logs`` and ``speakers`` (speaker, ticket). By ticket: ``places``, the Redis keys that list it.
    # ``left`` counts unfinished items by kind; ``rows`` are in the order of writing. ``changed``: when each ticket
    # last changed in the record, in monotonic seconds. ``emergencies``: the tickets of emergencies that wait.

    logs: dict[str, list[Event]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    speakers: dict[str, tuple[str, str]] = field(default_factory=dict)
    open_in_record: set[str] = field(default_factory=set)
    changed: dict[str, float] = field(default_factory=dict)
    emergencies: set[str] = field(default_factory=set)


def numbers_in(text: str) -> list[int]:
    return [int(one) for one in NUMBER.findall(text)]


def unfinished(redis_url: str) -> dict[str, int]:
    """Counts the queued, leased and unsent items of each kind; omits kinds without any. Raises redis.RedisError."""
    with redis.Redis.from_url(redis_url, decode_responses=True, socket_timeout=TIMEOUT_S) as client:
        streams = {keys.WORK: keys.WORKERS, keys.EVENTS: keys.RECORDER}
        streams |= dict.fromkeys(client.scan_iter("v:sending:*"), keys.SENDERS)
        left = {f"held in {name}": _pending(client, name, group) for name, group in streams.items()}
        left["queued in v:work"] = client.xlen(keys.WORK)
        left["put aside"] = sum(client.zcard(name) for name in client.scan_iter("v:retry:*"))
        left["outboxes"] = len(list(client.scan_iter("v:outbox:*")))
        left["inboxes"] = len(list(client.scan_iter("v:inbox:*")))
        sending = [one for one in client.scan_iter("v:conv:*") if client.hget(one, "sending") == "1"]
        left["held by senders"] = len(sending)
        left["alarms not sent"] = client.zcard(keys.ALARMS)
    return {name: count for name, count in left.items() if count}


def _pending(client: Any, stream: str, group: str) -> int:
    """Counts the stream's entries that the group has not read or not acknowledged; 0 if the stream does not exist."""
    try:
        known = {one["name"]: one for one in client.xinfo_groups(stream)}.get(group, {})
        return int(known.get("pending", 0)) + int(known.get("lag") or 0)
    except redis.ResponseError:
        return 0


def read_redis(redis_url: str, secret: str = SECRET) -> Evidence:
    """Reads the contents of Redis for each conversation; ``secret`` is the installation's and decrypts the messages.

    Raises redis.RedisError.
    """
    found, words = Evidence(left=unfinished(redis_url)), Words(secret)
    with redis.Redis.from_url(redis_url, decode_responses=True, socket_timeout=TIMEOUT_S) as client:
        for name in client.scan_iter("v:log:*"):
            conversation = name.removeprefix("v:log:")
            rows = words.opened(conversation, client.xrange(name))
            found.logs[conversation] = [event_from(conversation, id_, row) for id_, row in rows]
        for name in client.scan_iter("v:conv:*"):
            speaker, ticket = client.hmget(name, "speaker", "ticket")
            found.speakers[name.removeprefix("v:conv:")] = (speaker or "", ticket or "")
        places = {name: client.zrange(name, 0, -1) for name in client.scan_iter("v:queue:*")}
        waiting = [ticket for tickets in places.values() for ticket in tickets]
        found.emergencies = {one for one in waiting if client.hget(keys.ticket_key(one), "priority") == "emergency"}
        places |= {keys.CLAIMED: client.smembers(keys.CLAIMED)}
        places |= {name: client.zrange(name, 0, -1) for name in (keys.SNOOZED, keys.CALLBACKS)}
    for place, tickets in places.items():
        for ticket in tickets:
            found.places.setdefault(ticket, []).append(str(place))
    return found


async def read_record(
    found: Evidence,
    database_url: str,
    *,
    emptied: bool = False,
    masters: MasterKeys = MASTERS,
    of: Collection[str] | None = None,
) -> None:
    """Adds the record's messages, open tickets and times of changes to ``found``; an error is added to ``left``.

    Reads the messages of the conversations ``of``, or all if None. With ``emptied``, Redis has lost everything, so
    conversations that nobody opened again are only in the record.
    """
    engine, sessions = open_database(database_url, masters=masters)
    query = select(Message).order_by(Message.id)
    if of is not None:
        query = query.where(Message.conversation_id.in_(of))
    try:
        async with sessions() as session:
            for row in (rows := list(await read(session, query))):
                found.rows.append(Row(row.conversation_id, row.event_id, row.author, row.text))
            complete(found.logs, rows, emptied=emptied)
            states = (await session.execute(select(Ticket.id, Ticket.state, Ticket.changed_at))).all()
            found.open_in_record = {ticket for ticket, state, _ in states if state != "closed"}
            since = time.monotonic() - time.time()
            found.changed = {ticket: since + changed_at.timestamp() for ticket, _, changed_at in states}
    except SQLAlchemyError as error:
        found.left["record not readable: " + type(error).__name__] = 1
    finally:
        await engine.dispose()


def complete(logs: dict[str, list[Event]], rows: list[Message], *, emptied: bool = False) -> None:
    """Inserts before each event log the messages that Redis no longer holds; Redis holds about the last 1,000 events.

    With ``emptied``, also creates the logs of conversations that Redis lost.
    """
    older: dict[str, list[Event]] = {}
    for row in sorted(rows, key=lambda one: order(one.event_id)):
        log = logs.setdefault(row.conversation_id, []) if emptied else logs.get(row.conversation_id)
        if (emptied and not log) or (log and order(row.event_id) < order(log[0].id)):
            older.setdefault(row.conversation_id, []).append(Event.of_message(vars(row), row.at))
    for conversation, events in older.items():
        logs[conversation][:0] = events


def in_order(ids: list[str]) -> bool:
    return ids == sorted(ids, key=order)
