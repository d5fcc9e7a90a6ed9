"""Signs the audit log's hash chain with a key that PostgreSQL does not have.

The chain alone reveals a change of the audit, but the owner of the database can recompute all hashes. A signature is
HMAC-SHA256 over a link, with a key from VENTANILLA_SECRET, so it no longer matches a recomputed chain. The newest
signed link is also stored in FILE of the home folder, which reveals if the end of the chain was deleted with its
signatures. Each signature is logged, too. After a rotation of the secret, older signatures are checked with the
replaced one.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.disk import replace_file
from bot.core.logs import log
from bot.core.secrets.encryption import Secrets
from bot.record.engine import Sessions
from bot.record.tables import AuditSeal, AuditSignature

EVERY_S = 300.0
PURPOSE = "ventanilla audit signature"
FILE = "audit-seal.txt"
OLD = timedelta(days=364)  # audit_forget deletes no row of the last 365 days


class Signed(NamedTuple):
    """A signed link of the chain: its number, its hash, and the signature."""

    seq: int
    seal: str
    signature: str


class AuditSignatures:
    """The signatures of the audit's hash chain; ``secret`` is VENTANILLA_SECRET.

    ``home`` is the folder of FILE; None to keep and compare no file.
    """

    def __init__(self, sessions: Sessions, secret: str, home: Path | None = None) -> None:
        self._sessions, self._path = sessions, home / FILE if home else None
        self._keys = [hmac.new(one.encode(), PURPOSE.encode(), "sha256").digest() for one in Secrets.of(secret).every]

    async def sign_forever(self) -> None:
        """Signs the newest link every EVERY_S seconds, until cancelled."""
        while True:
            try:
                await self.sign()
            except (SQLAlchemyError, OSError) as error:
                log.warning("audit: not signed, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def sign(self) -> None:
        """Signs the newest link of the chain, unless it is already signed; logs the signature and stores it in FILE.

        Signs nothing while the link in FILE is missing or changed. Raises SQLAlchemyError, OSError.
        """
        kept = await asyncio.to_thread(self._kept)
        async with self._sessions.begin() as session:
            newest = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
            if kept and not await self._has(session, kept):
                log.error("audit: rows are missing or changed", seq=kept.seq, newest=newest.seq if newest else 0)
                return
            if newest is None:
                return
            link = Signed(newest.seq, newest.seal, _of(self._keys[-1], newest.seq, newest.seal))
            is_new = link.seq != await session.scalar(select(func.max(AuditSignature.seq)))
            if is_new:
                await session.execute(insert(AuditSignature).values(**link._asdict()).on_conflict_do_nothing())
        if is_new:
            log.info("audit: newest seal signed", **link._asdict())
        if self._path and (kept is None or kept.seq < link.seq):
            await asyncio.to_thread(replace_file, self._path, f"{link.seq} {link.seal} {link.signature}\n")

    async def first_broken(self) -> int | None:
        """Returns the number of the first signed link that is missing or changed; None if all are intact.

        The link in FILE counts as signed; it counts as missing if it is gone although FILE was written less than OLD
        ago. Other links before the oldest existing one are ignored, since retention deleted them. A link that was
        signed with an older secret counts as changed if an earlier link was signed with a newer one.
        """
        keys = self._keys
        async with self._sessions() as session:
            oldest = await session.scalar(select(func.min(AuditSeal.seq))) or 0
            signed = (
                select(AuditSignature, AuditSeal.seal)
                .outerjoin(AuditSeal, AuditSeal.seq == AuditSignature.seq)
                .where(AuditSignature.seq >= oldest)
                .order_by(AuditSignature.seq)
            )
            for one, seal in await session.execute(signed):
                keys = [] if seal is None else _from_signer(keys, one.signature, one.seq, seal)
                if not keys:
                    return int(one.seq)
            kept = await asyncio.to_thread(self._kept)
            return kept.seq if kept and not await self._has(session, kept) else None

    async def _has(self, session: AsyncSession, kept: Signed) -> bool:
        """Returns whether the chain has this link unchanged, or retention may have deleted it since."""
        oldest = await session.scalar(select(func.min(AuditSeal.seq)))
        seal = await session.scalar(select(AuditSeal.seal).where(AuditSeal.seq == kept.seq))
        if seal == kept.seal or oldest is None or kept.seq >= oldest:
            return seal == kept.seal
        return await asyncio.to_thread(self._is_old)

    def _is_old(self) -> bool:
        """Returns whether FILE was written so long ago that retention may delete its link. Raises OSError."""
        return self._path is not None and time.time() - self._path.stat().st_mtime > OLD.total_seconds()

    def _kept(self) -> Signed | None:
        """Returns the link in FILE; None if there is no file, or its signature is not ours. Raises OSError."""
        try:
            words = self._path.read_text(encoding="utf-8").split() if self._path else []
        except FileNotFoundError:
            return None
        if len(words) == len(Signed._fields) and words[0].isdecimal():
            kept = Signed(int(words[0]), words[1], words[2])
            if _from_signer(self._keys, kept.signature, kept.seq, kept.seal):
                return kept
        if words:
            log.warning("audit: kept seal unreadable")
        return None


def _from_signer(keys: list[bytes], signature: str, seq: int, seal: str) -> list[bytes]:
    """Returns the key that made the signature and all newer keys; [] if none of them did.

    ``keys`` are sorted, oldest first.
    """
    for at, key in enumerate(keys):
        if hmac.compare_digest(signature, _of(key, seq, seal)):
            return keys[at:]
    return []


def _of(key: bytes, seq: int, seal: str) -> str:
    return hmac.new(key, f"{seq}:{seal}".encode(), "sha256").hexdigest()
