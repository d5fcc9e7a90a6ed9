"""Compares the sample with the agency's promise; stores proposals to answer more cautiously, and decisions on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from bot.figures.sampling.samples import Pool, Samples
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone, take
from bot.record.tables import Audit, CautionProposal

MOST_RATIO = 10.0

DECIDED_ACTION = "caution_decided"


@dataclass(frozen=True)
class Promise:
    """The promise of at most ``risk`` wrong answers in 100; every asynchronous method may raise SQLAlchemyError."""

    sessions: Sessions
    risk: float

    def is_broken(self, pool: Pool) -> bool:
        """Returns whether the whole confidence interval of the share of mistakes is above the promise."""
        return 100 * pool.estimate.low > self.risk

    async def propose(self, ratio: float) -> CautionProposal | None:
        """Adds a proposal if the promise is broken in the weeks after the last decision and no proposal is open.

        Returns the proposal, or None. ``ratio`` is the factor by which the assistant currently multiplies the expected
        mistakes.
        """
        since = await self._since()
        broken = [pool for pool in await Samples(self.sessions).pools(since) if self.is_broken(pool)]
        if not broken:
            return None
        worst = max(broken, key=lambda pool: pool.estimate.low)
        found = 100 * worst.estimate.share
        async with self.sessions.begin() as session:
            await take(session, Lock.PROMISE)
            if await session.scalar(select(CautionProposal.id).where(CautionProposal.accepted.is_(None))):
                return None
            proposal = CautionProposal(
                weeks=worst.weeks,
                promised=self.risk,
                found=found,
                low=100 * worst.estimate.low,
                high=100 * worst.estimate.high,
                ratio=round(min(ratio * found / self.risk, MOST_RATIO), 2),
            )
            session.add(proposal)
        return proposal

    async def open(self) -> CautionProposal | None:
        """Returns the proposal that awaits a decision, or None."""
        async with self.sessions() as session:
            return await session.scalar(select(CautionProposal).where(CautionProposal.accepted.is_(None)).limit(1))

    async def accepted(self) -> CautionProposal | None:
        """Returns the accepted proposal that currently applies, or None."""
        async with self.sessions() as session:
            return await session.scalar(_HOLDS.order_by(CautionProposal.decided_at.desc()).limit(1))

    async def decide(self, id: int, by: UUID, *, accepted: bool) -> bool:
        """Accepts or declines an open proposal; returns False if it is not open.

        An accepted proposal replaces the one that applied before.
        """
        now = datetime.now(UTC)
        decision = {"accepted": accepted, "decided_by": by, "decided_at": now}
        change = update(CautionProposal).where(CautionProposal.id == id, CautionProposal.accepted.is_(None))
        async with self.sessions.begin() as session:
            if await session.scalar(change.values(decision).returning(CautionProposal.id)) is None:
                return False
            if accepted:
                older = CautionProposal.accepted.is_(True) & (CautionProposal.id != id)
                await session.execute(update(CautionProposal).where(older, _RUNS).values(ended_at=now))
            session.add(_audited(by, "aceptar" if accepted else "rechazar"))
        return True

    async def end(self, by: UUID) -> None:
        """Ends the accepted proposal that currently applies, so that the assistant answers as before."""
        async with self.sessions.begin() as session:
            is_held = CautionProposal.accepted.is_(True) & _RUNS
            await session.execute(update(CautionProposal).where(is_held).values(ended_at=datetime.now(UTC)))
            session.add(_audited(by, "quitar"))

    async def _since(self) -> date:
        """Returns the day after the last decision; the earliest date if there was none."""
        async with self.sessions() as session:
            last = await session.scalar(select(func.max(CautionProposal.decided_at)))
        return last.date() + timedelta(days=1) if last else date.min


def _audited(by: UUID, decision: str) -> Audit:
    return Audit(action=DECIDED_ACTION, staff_id=by, subject="", detail={"decision": decision})


_RUNS = CautionProposal.ended_at.is_(None)
_HOLDS = select(CautionProposal).where(CautionProposal.accepted.is_(True), _RUNS)


async def accepted_ratio(sessions: Sessions) -> float:
    """Returns the ``ratio`` of the accepted proposal that currently applies; 0 if there is none.

    It is the minimum factor by which the assistant multiplies the expected mistakes. Raises SQLAlchemyError.
    """
    async with sessions() as session:
        found = await session.scalar(_HOLDS.with_only_columns(func.max(CautionProposal.ratio)))
    return float(found or 0)


@dataclass(frozen=True)
class PromiseWatch:
    """Proposes to answer more cautiously when the promise is broken; ``notify`` notifies staff of each new proposal.

    ``ratio()`` returns the factor by which the assistant currently multiplies the expected mistakes. ``mail`` sends the
    e-mails about a proposal, and is called again until it returns True, which means that at least one was sent.
    """

    promise: Promise
    ratio: Callable[[], float]
    notify: Callable[[CautionProposal], Awaitable[None]]
    mail: Callable[[CautionProposal], Awaitable[bool]]

    async def look(self) -> None:
        """Adds a proposal if needed and notifies staff, also by e-mail. Raises SQLAlchemyError."""
        if proposal := await self.promise.propose(self.ratio()):
            await self.notify(proposal)
        if await self._unmailed():
            async with held_alone(self.promise.sessions, Lock.PROMISE_MAIL) as is_alone:
                proposal = await self._unmailed() if is_alone else None
                if proposal and await self.mail(proposal):
                    mailed = update(CautionProposal).where(CautionProposal.id == proposal.id)
                    async with self.promise.sessions.begin() as session:
                        await session.execute(mailed.values(mailed_at=datetime.now(UTC)))

    async def _unmailed(self) -> CautionProposal | None:
        unmailed = CautionProposal.accepted.is_(None) & CautionProposal.mailed_at.is_(None)
        async with self.promise.sessions() as session:
            return await session.scalar(select(CautionProposal).where(unmailed).limit(1))
