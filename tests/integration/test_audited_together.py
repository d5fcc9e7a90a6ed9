"""Tests that nothing changes when its row in the audit cannot be written: both are one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.agency.model import Agency
from bot.desk.auth.accounts import StaffMember
from bot.desk.auth.sessions import Browser, SignedIn, StaffSessions
from bot.desk.queries.callbacks import Tried
from bot.figures.sampling.promise import Promise
from bot.learning.backlog.decisions import Decisions, Kind
from bot.record.callback_record import REACHED
from bot.record.engine import Sessions
from bot.record.tables import Audit, BacklogDecision, BacklogItem, CallbackAttempt, CautionProposal, Staff, StaffSession
from bot.tickets.tickets import TicketState
from tests.integration.queue_world import World
from tests.integration.recorded import person
from tests.integration.test_queries_callbacks import ANA, asked, callbacks, the, world  # noqa: F401  (fixtures)

ADD = "ALTER TABLE audit ADD CONSTRAINT nothing_fits CHECK (false) NOT VALID"
DROP = "ALTER TABLE audit DROP CONSTRAINT nothing_fits"
STAFF = UUID(int=1)


async def run(sessions: Sessions, statement: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(statement))


@pytest_asyncio.fixture
async def refusing(database: Sessions) -> AsyncIterator[Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]]:
    """Does something while the audit takes no row, which must fail, and then again, which must be audited."""

    async def twice(work: Callable[[], Awaitable[object]]) -> None:
        await run(database, ADD)
        with pytest.raises(IntegrityError):
            await work()
        await run(database, DROP)

    yield twice
    await run(database, "ALTER TABLE audit DROP CONSTRAINT IF EXISTS nothing_fits")


async def audited(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(select(Audit.action).order_by(Audit.id)))


async def one_of(sessions: Sessions, column: Any) -> Any:
    async with sessions() as session:
        return await session.scalar(select(column))


async def test_caution_is_decided_and_ended_with_its_row(database: Sessions, refusing: Any) -> None:
    await person(database, 1, "Ana")
    promise, facts = Promise(database, 5.0), {"promised": 5, "found": 10, "low": 6, "high": 14, "ratio": 2.0}
    async with database.begin() as session:
        await session.execute(insert(CautionProposal).values(id=1, weeks=4, **facts))
    await refusing(lambda: promise.decide(1, STAFF, accepted=True))
    assert await one_of(database, CautionProposal.accepted) is None
    assert await promise.decide(1, STAFF, accepted=True)
    await refusing(lambda: promise.end(STAFF))
    assert await one_of(database, CautionProposal.ended_at) is None
    await promise.end(STAFF)
    assert await audited(database) == ["caution_decided"] * 2


async def test_group_of_the_backlog_is_decided_and_undone_with_its_row(database: Sessions, refusing: Any) -> None:
    decisions, at = Decisions(database), datetime.now(UTC)
    async with database.begin() as session:
        await session.execute(insert(BacklogItem).values(id=1, ref="1", source="handed", at=at, text="x"))
    await refusing(lambda: decisions.decide([1], Kind.IGNORED, staff_id=STAFF, name="Ana"))
    assert await one_of(database, BacklogDecision.id) is None
    id = await decisions.decide([1], Kind.IGNORED, staff_id=STAFF, name="Ana")
    assert id is not None
    await refusing(lambda: decisions.undo(id, STAFF))
    assert await one_of(database, BacklogDecision.id) == id
    assert await decisions.undo(id, STAFF)
    assert await audited(database) == ["backlog_decided", "backlog_undone"]


async def test_sessions_end_with_their_row(database: Sessions, refusing: Any) -> None:
    await person(database, 1, "Ana")
    browsers = StaffSessions(database)
    tokens = [await browsers.begin(STAFF, Browser("agent", "net")) for _ in range(2)]
    signed_in = await browsers.find(tokens[0])
    assert isinstance(signed_in, SignedIn)
    assert isinstance(signed_in.staff, StaffMember)
    await refusing(lambda: browsers.end_own(signed_in, None))
    assert await one_of(database, func.count(StaffSession.id)) == 2
    assert await browsers.end_own(signed_in, None) == 1
    await refusing(lambda: browsers.end(signed_in.token_hash, signed_out=STAFF))
    assert await one_of(database, func.count(StaffSession.id)) == 1
    await browsers.end(signed_in.token_hash, signed_out=STAFF)
    assert await one_of(database, Staff.id) == STAFF
    assert await audited(database) == ["sessions_ended", "sign_out"]


async def test_call_is_reported_with_its_row(
    world: World,  # noqa: F811
    callbacks: Any,  # noqa: F811
    database: Sessions,
    refusing: Any,
    agency: Agency,
) -> None:
    one = await the(callbacks, await asked(world, database))
    await refusing(lambda: callbacks.report(one, ANA.ref, Tried(REACHED, "", None)))
    assert await one_of(database, CallbackAttempt.id) is None
    assert await world.state(one.row.ticket_id) is TicketState.CLAIMED
    await callbacks.report(one, ANA.ref, Tried(REACHED, "", None))
    assert await audited(database) == ["callback_tried"]
