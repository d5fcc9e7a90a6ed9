"""Parses replies to XREAD and XREADGROUP, whose form depends on the protocol version; creates consumer groups.

Also recognizes that the current task was cancelled while it read.
"""

from __future__ import annotations

import asyncio

from redis.exceptions import ResponseError

from bot.store.client import Store
from bot.store.commands import Row as Row


def stream_rows(answer: object) -> list[Row]:
    """Returns the entries in a reply to XREAD or XREADGROUP for a single stream, oldest first."""
    if isinstance(answer, dict):
        return [(row[0], row[1]) for batches in answer.values() for batch in batches for row in batch]
    if isinstance(answer, list) and answer:
        return [(row[0], row[1]) for row in answer[0][1]]
    return []


def rows_by_stream(answer: object) -> dict[str, list[Row]]:
    """Maps the name of each stream in a reply to XREAD to its entries, oldest first."""
    if isinstance(answer, dict):
        return {name: [(row[0], row[1]) for batch in batches for row in batch] for name, batches in answer.items()}
    pairs = answer if isinstance(answer, list) else []
    return {name: [(row[0], row[1]) for row in rows] for name, rows in pairs}


def stopping() -> bool:
    """Returns whether the current task was cancelled, even if a library turned the cancellation into another error."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def make_group(redis: Store, stream: str, group: str) -> None:
    """Creates the consumer group at the stream's beginning, and the stream if needed.

    An existing group does not change.
    """
    try:
        await redis.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
