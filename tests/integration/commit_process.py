"""Commits the queue in a separate process, which kills itself at one step. Arguments: DATABASE_URL, folder, step.

A step has an effect that outlasts the process: a link, a new folder, a synced file, a rename, a deletion, a commit.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import SessionTransaction

from bot.desk.editing.commits.committing import Committing
from bot.record.engine import open_database
from tests.integration.publish_process import Steps


async def take_all(url: str, faq_dir: Path) -> None:
    engine, sessions = open_database(url)
    committing = Committing(sessions, faq_dir, "America/Santiago", emails=False)
    while await committing.take_one(datetime.now(UTC)):
        pass
    await engine.dispose()


def main(url: str, faq_dir: str, last: str) -> None:
    steps = Steps(int(last))
    owned = [(os, name) for name in ("replace", "rename", "fsync", "symlink", "mkdir", "unlink", "remove")]
    for owner, name in (*owned, (SessionTransaction, "commit")):
        setattr(owner, name, steps.counted(getattr(owner, name)))
    asyncio.run(take_all(url, Path(faq_dir)))


if __name__ == "__main__":
    main(*sys.argv[1:])
