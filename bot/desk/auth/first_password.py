"""Keeps the first administrator's one-time password in a private file, for starts whose output goes to a log.

The worker deletes the file once the password has been used or has expired.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.core.disk import replace_file
from bot.core.logs import log
from bot.desk.auth.accounts import utc_now
from bot.record.engine import Sessions
from bot.record.tables import Staff

FILE = "first-password.txt"
EVERY_S = 60.0


def first_password_file(home: Path) -> Path:
    return home / FILE


def keep_first_password(home: Path, email: str, password: str) -> Path:
    """Writes account and password to a file (mode 0600) of the home folder and returns its path. Raises OSError."""
    home.mkdir(parents=True, exist_ok=True)
    path = first_password_file(home)
    replace_file(path, f"{email}\n{password}\n")
    return path


async def drop_used_password(sessions: Sessions, home: Path) -> None:
    """Deletes the file, if there is one, unless its password can still be used. Raises SQLAlchemyError, OSError."""
    path = first_password_file(home)
    if not path.exists():
        return
    email = path.read_text(encoding="utf-8").partition("\n")[0]
    usable = (
        select(Staff.id)
        .where(Staff.email == email, Staff.must_change_password)
        .where(Staff.password_expires_at > utc_now())
    )
    async with sessions() as session:
        if await session.scalar(usable) is None:
            path.unlink(missing_ok=True)
            log.info("staff: file of the first password deleted")


async def drop_used_password_forever(sessions: Sessions, home: Path) -> None:
    """Calls ``drop_used_password`` every EVERY_S seconds, until cancelled; logs errors."""
    while True:
        try:
            await drop_used_password(sessions, home)
        except (SQLAlchemyError, OSError) as error:
            log.warning("staff: file of the first password not deleted", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
