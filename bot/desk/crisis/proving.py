"""Stores, for the report after a crisis, the proof that all processes and channels show a changed set of notices."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert as upsert

from bot.public_notices.proof import Proof
from bot.record.engine import Sessions
from bot.record.tables import NoticeProof


class Proving:
    """Stores the proof of each set of notices once."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._stored = ""

    async def keep(self, proof: Proof | None) -> None:
        """Stores a complete proof with a duration (``took_ms``); ignores any other. Raises SQLAlchemyError."""
        if proof is None or not proof.is_complete or proof.took_ms is None or proof.version == self._stored:
            return
        row = {"version": proof.version, "took_ms": proof.took_ms}
        row |= {"shown": list(proof.shown), "channels": list(proof.channels)}
        async with self._sessions.begin() as session:
            await session.execute(upsert(NoticeProof).values(row).on_conflict_do_nothing())
        self._stored = proof.version
