"""Removes a message, and kills its process before one step: ``python -m tests.integration.removal_process``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.privacy import removals as module
from bot.privacy.removals import Remover
from bot.record.engine import open_database
from bot.store.client import open_redis
from tests.privacy_world import places
from tests.recording import recording, until_recorded
from tests.transcripts import MASTERS, SECRET


async def killed(*_arguments: Any, **_named: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(redis_url: str, database_url: str, home: str, name: str, event: str, step: str) -> None:
    redis, (_engine, sessions) = open_redis(redis_url, SECRET), open_database(database_url, masters=MASTERS)
    removals = places(redis, sessions, database_url, Path(home)).data.removals
    if step == "before redis":
        removals._remove = killed  # type: ignore[assignment]
    elif step == "before the files":
        removals._drop_files = killed  # type: ignore[method-assign]
    elif step == "before the trackers":
        removals._trackers.forget = killed  # type: ignore[method-assign]
    else:
        module.remove_rows = killed
    await removals.begin(name, event, Remover(UUID(int=7), "Ana Soto"))
    async with recording(redis, sessions):
        await until_recorded(redis)
        for _ in range(2):  # a removal that emptied a tracker is done in the next pass
            await removals.finish_all(datetime.now(UTC) + timedelta(minutes=1))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
