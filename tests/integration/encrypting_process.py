"""Encrypts older rows, and kills its process in the second step: ``python -m tests.integration.encrypting_process``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from bot.record.engine import open_database
from bot.record.transcripts import older_rows
from tests.transcripts import MASTERS


async def main(database_url: str, a_step: int) -> None:
    _engine, sessions = open_database(database_url, masters=MASTERS)
    encrypt, count = older_rows.encrypt_row, 0

    async def killed_later(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count > a_step + a_step // 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return await encrypt(*arguments)

    older_rows.encrypt_row = killed_later
    await older_rows.encrypt_older_rows(sessions, a_step)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
