"""Stores who approved a pack before a crisis; an approval holds only for the contents that the person read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.core.texts import say
from bot.desk.auth.audit import Action, add_audit
from bot.desk.auth.guard import Refused
from bot.desk.auth.sessions import SignedIn
from bot.desk.crisis.packs import Pack
from bot.record.engine import Sessions
from bot.record.tables import PackApproval


def hash_of(pack: Pack) -> str:
    """Returns the SHA-256 of a pack's contents; comments, the order of keys and line breaks in YAML do not count."""
    canonical = json.dumps(pack.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class PackApprovals:
    """Stores the approvals of packs in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(self, packs: Mapping[str, Pack]) -> Mapping[str, PackApproval]:
        """Returns the approvals of the packs' current contents, keyed by the pack's name. Raises SQLAlchemyError."""
        hashes = {name: hash_of(pack) for name, pack in packs.items()}
        async with self._sessions() as session:
            found = await session.scalars(select(PackApproval).where(PackApproval.hash.in_(hashes.values())))
            return {one.pack: one for one in found if hashes.get(one.pack) == one.hash}

    async def approve(self, name: str, pack: Pack | None, read: str, by: SignedIn) -> None:
        """Approves a pack whose contents had the hash ``read`` when the person read them.

        Raises Refused if the pack is gone or has changed since; does nothing if it is approved already.
        """
        if pack is None or hash_of(pack) != read:
            raise Refused(409, "changed", say("avisos.problemas.paquete_cambio"))
        async with self._sessions.begin() as session:
            row = {"pack": name, "hash": read, "staff_id": by.staff.id, "name": by.staff.name}
            noted = insert(PackApproval).values(row).on_conflict_do_nothing().returning(PackApproval.pack)
            if await session.scalar(noted) is not None:
                add_audit(session, Action.PACK_APPROVED, staff_id=by.staff.id, subject=name, hash=read[:12])
