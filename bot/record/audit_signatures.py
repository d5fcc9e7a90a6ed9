"""Signs the audit log's hash chain with a key that PostgreSQL does not have.

The chain alone reveals a change of the audit log, but the owner of the database can recompute all hashes. A signature
is HMAC-SHA256 over a link, with a key from VENTANILLA_SECRET, so it no longer matches a recomputed chain. Each
signature is also logged, so that a deleted signature can be noticed from the logs. After a rotation of the secret,
older signatures are checked with the replaced secret.
"""

from __future__ import annotations

import asyncio
import hmac

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from bot.core.encryption import Secrets
from bot.core.logs import log
from bot.record.engine import Sessions
from bot.record.tables import AuditSeal, AuditSignature

EVERY_S = 300.0
PURPOSE = "ventanilla audit signature"


class AuditSignatures:
    """The signatures of the audit log's hash chain; ``secret`` is VENTANILLA_SECRET."""

    def __init__(self, sessions: Sessions, secret: str) -> None:
        self._sessions = sessions
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
        """Signs the newest link of the chain, unless it is already signed, and logs the signature."""
        async with self._sessions.begin() as session:
            newest = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
            signed = await session.scalar(select(func.max(AuditSignature.seq)))
            if newest is None or newest.seq == signed:
                return
            signature = _of(self._keys[-1], newest.seq, newest.seal)
            row = {"seq": newest.seq, "seal": newest.seal, "signature": signature}
            await session.execute(insert(AuditSignature).values(**row).on_conflict_do_nothing())
        log.info("audit: newest seal signed", seq=newest.seq, seal=newest.seal, signature=signature)

    async def first_broken(self) -> int | None:
        """Returns the number of the first signed link that is missing or changed; None if all are intact.

        Ignores links before the oldest existing one, which retention deleted. After a link signed with a newer secret,
        a signature with an older secret counts as broken.
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
