"""Erases from a restored backup the conversations that were erased after the backup was made.

The list of erased conversations contains only pseudonyms. A copy is in the home folder and beside each backup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from bot.backup.backup import RECORD, STATE, TRACKERS
from bot.backup.restored import Restored
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.privacy.erasures import FILE, add_to_file, read_file
from bot.privacy.personal_data import PersonalData, Stores
from bot.privacy.record import Trackers
from bot.record.engine import open_database
from bot.store.client import open_redis

AS_LONG_AS_ONE_TAKES = timedelta(minutes=10)  # maximum duration of an erasure, which is listed before it is done


def erase_again(restored: Restored, home: Path) -> int:
    """Erases the conversations in the lists of ``home`` and beside the backup from the restored stores.

    Returns the number of conversations. Erasures from before the backup need not be repeated. The merged list is
    written to ``home``.
    """
    listed = [*read_file(home / FILE), *read_file(restored.file.with_name(FILE))]
    since = restored.about.made_at - AS_LONG_AS_ONE_TAKES
    later = {one.conversation for one in listed if one.at > since}
    if later:
        asyncio.run(_wipe(restored, later))
    if listed:
        add_to_file(home / FILE, listed)
    return len(later)


async def _wipe(restored: Restored, names: Iterable[str]) -> None:
    redis = open_redis(restored.redis_url)
    engine, sessions = open_database(restored.addresses[RECORD])
    folder = restored.folder(STATE)
    files, complaint_files = Files(folder / FILES_FOLDER), Files(folder / COMPLAINT_FILES)
    trackers = Trackers(restored.addresses[TRACKERS])
    data = PersonalData(Stores(sessions, redis, files, complaint_files, trackers, folder))
    try:
        for name in names:
            await data.wipe(name, complaints=False)
        await data.stored.rewrite_file()
    finally:
        await redis.aclose()
        await engine.dispose()
