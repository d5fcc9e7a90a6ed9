"""Re-encrypts the record's encrypted values with the current secret after a rotation of VENTANILLA_SECRET.

In Redis, addresses and contacts expire or are written again within IDLE_TTL_S (bot/store/keys.py), which is shorter
than the shortest period during which a replaced secret is accepted. Words in Redis (bot/store/words.py) can be read
with every secret of the setting, however old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute

from bot.conversation.files import Files
from bot.core.logs import log
from bot.core.secrets.encryption import Cipher, Secrets
from bot.record.engine import Sessions
from bot.record.tables import Callback, Complaint, Conversation, PendingApproval, Staff, Subscription
from bot.record.transcripts.keys import Rewrapped, rewrap_keys, wrapped_before

FIRST_S = 600.0  # until then, other processes may still run with the secret before the rotation
EVERY_S = 3600.0
BATCH = 500
# Each column with encrypted values, and the purpose that they are encrypted for.
COLUMNS: tuple[tuple[InstrumentedAttribute[str | None] | InstrumentedAttribute[str], str], ...] = (
    (Conversation.address, "addresses"),
    (Callback.encrypted, "addresses"),
    (Complaint.address, "addresses"),
    (Subscription.address, "addresses"),
    (PendingApproval.address, "addresses"),
    (Staff.totp_secret, "second factor"),
)


async def renew_forever(sessions: Sessions, secret: str, files: Sequence[Files] = ()) -> None:
    """Re-encrypts, once an hour until cancelled, the values that are still encrypted with older secrets.

    ``secret`` is VENTANILLA_SECRET. Also encrypts ``files`` that an older release stored unencrypted, until none is
    found.
    """
    older = list(files)
    await asyncio.sleep(FIRST_S)
    while True:
        try:
            if Secrets.of(secret).replaced and (count := await renew(sessions, secret, files)):
                log.info("secret: values encrypted again", count=count)
            older = [one for one in older if await _encrypt_older(one)]
        except (SQLAlchemyError, OSError) as error:
            log.warning("secret: database unavailable, retrying", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def _encrypt_older(files: Files) -> bool:
    """Encrypts the files of an older release; returns False if there was none, so no other search is needed."""
    done, left = await files.encrypt_older()
    if done or left:
        log.info("files: older files encrypted", count=done, left=left)
    return bool(done or left)


async def renew(sessions: Sessions, secret: str, files: Sequence[Files] = ()) -> int:
    """Re-encrypts with the current secret all values that an older secret encrypted; returns their number.

    The number includes the keys of conversations and of ``files``, which the newest master key wraps again. Raises
    SQLAlchemyError, and OSError for the files.
    """
    values = sum([await _renew(sessions, column, Cipher(secret, purpose)) for column, purpose in COLUMNS])
    return values + (await rewrap_everything(sessions, files)).changed


async def rewrap_everything(sessions: Sessions, files: Sequence[Files]) -> Rewrapped:
    """Wraps the keys of conversations and of ``files`` with the newest master key. Raises SQLAlchemyError and OSError.

    May be interrupted and repeated.
    """
    found = await rewrap_keys(sessions)
    for one in files:
        changed, unknown = await one.rewrap()
        found = Rewrapped(found.changed + changed, found.unknown + unknown)
    return found


async def not_renewed(sessions: Sessions, secret: str, files: Sequence[Files] = ()) -> int:
    """Returns the number of values that are still encrypted with an older secret.

    The number includes the keys of conversations and of ``files``. Raises SQLAlchemyError and OSError.
    """
    async with sessions() as session:
        count = await wrapped_before(session)
        for column, purpose in COLUMNS:
            cipher = Cipher(secret, purpose)
            values = await session.stream_scalars(select(column).where(column.is_not(None), column != ""))
            async for value in values.yield_per(BATCH):
                count += cipher.renewed(value or "") is not None
    return count + sum([await one.count_older() for one in files])


async def _renew(
    sessions: Sessions, column: InstrumentedAttribute[str | None] | InstrumentedAttribute[str], cipher: Cipher
) -> int:
    """Renews a column's values in batches; skips values that somebody else changed meanwhile."""
    table, keys = column.class_, list(column.class_.__table__.primary_key)
    count = 0
    async with sessions() as reading:
        rows = await reading.stream(select(column, *keys).where(column.is_not(None), column != ""))
        async for batch in rows.partitions(BATCH):
            fresh = [(new, old, key) for old, *key in batch if (new := cipher.renewed(old))]
            async with sessions.begin() as session:
                for new, old, key in fresh:
                    row = [one == value for one, value in zip(keys, key, strict=True)]
                    await session.execute(update(table).where(*row, column == old).values({column: new}))
            count += len(fresh)
    return count
