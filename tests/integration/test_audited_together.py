"""Tests that nothing changes if the audit row cannot be written: both are in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, insert

from bot.desk.auth.accounts import StaffMember
from bot.desk.auth.sessions import Browser, SignedIn, StaffSessions
from bot.figures.sampling.promise import Promise
from bot.learning.backlog.decisions import Decisions, Kind
from bot.record.engine import Sessions
from bot.record.tables import BacklogDecision, BacklogItem, CautionProposal, Staff, StaffSession
from tests.integration.audit_away import audited, one_of, refused
from tests.integration.recorded import person

STAFF = UUID(int=1)


async def test_caution_is_decided_and_ended_with_its_row(database: Sessions) -> None:
    await person(database, 1, "Ana")
    promise, facts = Promise(database, 5.0), {"promised": 5, "found": 10, "low": 6, "high": 14, "ratio": 2.0}
    async with database.begin() as session:
        await session.execute(insert(CautionProposal).values(id=1, weeks=4, **facts))
    await refused(database, lambda: promise.decide(1, STAFF, accepted=True))
    assert await one_of(database, CautionProposal.accepted) is None
    assert await promise.decide(1, STAFF, accepted=True)
    await refused(database, lambda: promise.end(STAFF))
    assert await one_of(database, CautionProposal.ended_at) is None
    await promise.end(STAFF)
    assert await audited(database) == ["caution_decided"] * 2


async def test_group_of_the_backlog_is_decided_and_undone_with_its_row(database: Sessions) -> None:
    decisions, at = Decisions(database), datetime.now(UTC)
    async with database.begin() as session:
        await session.execute(insert(BacklogItem).values(id=1, ref="1", source="handed", at=at, text="x"))
    await refused(database, lambda: decisions.decide([1], Kind.IGNORED, staff_id=STAFF, name="Ana"))
    assert await one_of(database, BacklogDecision.id) is None
    id = await decisions.decide([1], Kind.IGNORED, staff_id=STAFF, name="Ana")
    assert id is not None
    await refused(database, lambda: decisions.undo(id, STAFF))
    assert await one_of(database, BacklogDecision.id) == id
    assert await decisions.undo(id, STAFF)
    assert await audited(database) == ["backlog_decided", "backlog_undone"]


async def test_sessions_end_with_their_row(database: Sessions) -> None:
    await person(database, 1, "Ana")
    browsers = StaffSessions(database)
    tokens = [await browsers.begin(STAFF, Browser("agent", "net")) for _ in range(2)]
    signed_in = await browsers.find(tokens[0])
    assert isinstance(signed_in, SignedIn)
    assert isinstance(signed_in.staff, StaffMember)
    await refused(database, lambda: browsers.end_own(signed_in, None))
    assert await one_of(database, func.count(StaffSession.id)) == 2
    assert await browsers.end_own(signed_in, None) == 1
    await refused(database, lambda: browsers.end(signed_in.token_hash, signed_out=STAFF))
    assert await one_of(database, func.count(StaffSession.id)) == 1
    await browsers.end(signed_in.token_hash, signed_out=STAFF)
    assert await one_of(database, Staff.id) == STAFF
    assert await audited(database) == ["sessions_ended", "sign_out"]
