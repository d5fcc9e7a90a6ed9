"""Writes the state in Redis on which a library function works: a conversation, a ticket, an agent."""

from __future__ import annotations

import json
from math import ceil
from typing import Any

from redis.asyncio import Redis

from bot.store import keys


async def conversation(redis: Redis, name: str = "c1", **fields: Any) -> None:
    """Creates a conversation of the assistant on the web."""
    made = {"channel": "web", "speaker": "assistant", "welcomed": 1, "queued": 0}
    await redis.hset(keys.conversation_key(name), mapping=made | fields)


async def ticket(redis: Redis, name: str = "7", **fields: Any) -> None:
    """Creates a ticket that waits for the team obras but is not in a queue yet."""
    made = {
        "conversation": "c1",
        "channel": "web",
        "reason": "asked_human",
        "priority": "normal",
        "team": "obras",
        "candidates": "[]",
        "summary": "hola",
        "opened_at": 1000,
        "state": "waiting",
    }
    await redis.hset(keys.ticket_key(name), mapping=made | fields)


async def current(redis: Redis, speaker: str = "staff", **fields: Any) -> None:
    """Creates a conversation whose current ticket is Ana's."""
    await conversation(redis, ticket="7", speaker=speaker)
    await ticket(redis, **{"state": "claimed", "owner_id": "ana", "owner_name": "Ana"} | fields)
    await redis.sadd(keys.CLAIMED, "7")


async def agent(redis: Redis, name: str, **fields: Any) -> None:
    """Creates an agent who is present and available for all teams."""
    made = {"name": name.title(), "presence": "available", "teams": "[]", "languages": "[]", "capacity": 2}
    await redis.hset(keys.agent_key(name), mapping=made | fields)
    await redis.sadd(keys.AGENTS, name)


async def conv(redis: Redis, *names: str) -> list[str | None]:
    """Reads fields of the conversation c1."""
    return list(await redis.hmget(keys.conversation_key("c1"), *names))


async def of_ticket(redis: Redis, *names: str) -> list[str | None]:
    """Reads fields of the ticket 7."""
    return list(await redis.hmget(keys.ticket_key("7"), *names))


async def log(redis: Redis) -> list[tuple[str, str, dict[str, Any]]]:
    """Reads kind, text and data of each event of the conversation."""
    rows = await redis.xrange(keys.log_key("c1"))
    return [(row["kind"], row["text"], json.loads(row["data"])) for _, row in rows]


def said(text: str, author: str = "system", **data: Any) -> dict[str, str]:
    """Builds an event in the form in which Python passes it to a script."""
    return {"kind": "message", "author": author, "text": text, "data": json.dumps(data)}


async def term_s(redis: Redis, key: str) -> int:
    """Returns a key's remaining time in seconds, rounded up to minutes; -1 if it never expires, -2 if it is missing.

    Rounded, because a busy machine looks later.
    """
    left = await redis.ttl(key)
    return left if left < 0 else 60 * ceil(left / 60)
