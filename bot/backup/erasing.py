"""Erases from a restored backup the conversations that were erased after the backup was made.

The list of erased conversations contains only pseudonyms. A copy is in the home folder and next to each backup.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from bot.backup.backup import RECORD, STATE, TRACKERS
from bot.backup.restored import Restored
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.privacy.erasures import FILE, Erasure, add_to_list, read_file
from bot.privacy.personal_data import PersonalData, Stores
from bot.privacy.record import Trackers
from bot.record.engine import open_database
from bot.store.client import open_redis

AS_LONG_AS_ONE_TAKES = timedelta(minutes=10)  # maximum duration of an erasure, which is listed when it begins


def erase_again(restored: Restored, home: Path) -> int:
    """Erases from the restored stores the conversations that were erased after the backup; returns their number.

    Reads the lists of erasures in ``home`` and next to the backup, and merges them into the list in ``home``. Skips
    erasures before the backup: their data is not in the backup, or was written again after the erasure. Complaints are
    kept, unless they were erased, too. Removals of single messages are stored in the restored record, so that the bot
    repeats them when it starts.
    """
    listed = [*read_file(home / FILE), *read_file(restored.file.with_name(FILE))]
    since = restored.about.made_at - AS_LONG_AS_ONE_TAKES
    recent = [one for one in listed if one.at > since]
    later: dict[str, bool] = {}  # conversation -> whether to erase its complaints
    for one in recent:
        if not one.event:
            later[one.conversation] = later.get(one.conversation, False) or one.complaints
    removed = [one for one in recent if one.event and one.conversation not in later]
    if recent:
        asyncio.run(_wipe(restored, later, removed))
    if listed:
        add_to_list(home, listed)
    return len(later)


async def _wipe(restored: Restored, erased: Mapping[str, bool], removed: Sequence[Erasure]) -> None:
    redis = open_redis(restored.redis_url)
    engine, sessions = open_database(restored.addresses[RECORD])
    folder = restored.folder(STATE)
    files, complaint_files = Files(folder / FILES_FOLDER), Files(folder / COMPLAINT_FILES)
    trackers = Trackers(restored.addresses[TRACKERS])
    data = PersonalData(Stores(sessions, redis, files, complaint_files, trackers, folder))
    try:
        for name, complaints in erased.items():
            await data.wipe(name, complaints=complaints)
        if removed:
            await data.removals.again(removed)
        await data.stored.file.rewrite_if_due()
    finally:
        await redis.aclose()
        await engine.dispose()
