"""Publishes an entry in a separate process, which kills itself at one step.

Arguments: DATABASE_URL, folder, document, path, step.

A step has an effect that outlasts the process: a commit, a synced file, a rename or a deletion. With a step beyond the
last one, the process ends normally.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import SessionTransaction

from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin
from bot.record.engine import open_database


class Steps:
    """Counts the steps, and kills the process instead of doing step ``last`` (from 0)."""

    def __init__(self, last: int) -> None:
        self.last, self.done = last, 0

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **more: Any) -> Any:
            if self.done == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.done += 1
            return function(*args, **more)

        return step


async def publish(url: str, faq_dir: Path, document: uuid.UUID, path: str) -> None:
    engine, sessions = open_database(url)
    by = Editor(uuid.UUID(int=2), "Eva", Origin.PAGE)
    await Publisher(sessions, faq_dir, four_eyes=True).publish(document, path, by)
    await engine.dispose()


def main(url: str, faq_dir: str, document: str, path: str, last: str) -> None:
    steps = Steps(int(last))
    for owner, name in ((os, "replace"), (os, "fsync"), (Path, "unlink"), (SessionTransaction, "commit")):
        setattr(owner, name, steps.counted(getattr(owner, name)))
    asyncio.run(publish(url, Path(faq_dir), uuid.UUID(document), path))


if __name__ == "__main__":
    main(*sys.argv[1:])
