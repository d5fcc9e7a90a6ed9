"""Tests answers that would wait for approval while a public notice replaces or withdraws them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.core.events import Event
from bot.core.messages import Channel, CitizenMessage
from bot.public_notices.board import NoticeBoard
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import NoticeSet, PublicNotice
from bot.store import keys
from bot.tickets.approvals import PendingApproval, PendingApprovals
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.turns.notices.inserter import NoticeInserter
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.integration.approvals_process import ASKED, make_worker
from tests.no_record import mailbox_of, proposals_of
from tests.notices import public_notice

REPLACED = public_notice(entries=("licencia",))
WITHDRAWN = public_notice(measures=(Measure(Kind.WITHDRAWN, "licencia"),))


async def asks(redis: Redis, inserter: NoticeInserter, text: str) -> None:
    """Lets a worker, who holds unsure answers, decide on the text; an agent could approve it."""
    await Presences(redis, lease_s=round(2 * LONG_PATIENCE_S)).heartbeat("ana", "Ana Soto", Skills())
    await mailbox_of(redis).accept(CitizenMessage("c1", Channel.WEB, "m1", text, at=0))
    task = asyncio.create_task(make_worker(redis, notices=inserter).run())

    async def idle() -> bool:
        return not await redis.xlen(keys.WORK)

    await eventually(idle)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def last(redis: Redis) -> Event:
    return [one for one in await mailbox_of(redis).events("c1") if one.kind == "message"][-1]


async def test_answer_that_a_notice_replaces_does_not_wait(redis: Redis, agency: Agency) -> None:
    inserter = NoticeInserter(agency, NoticeBoard(NoticeSet.of([REPLACED])))
    await asks(redis, inserter, ASKED)
    assert await proposals_of(redis).pending() == []
    assert (await last(redis)).message.notice == REPLACED.id


async def approved(pending: PendingApprovals, approval: PendingApproval) -> None:
    await pending.approve(approval, StaffRef("ana", "Ana Soto"))


async def expired(pending: PendingApprovals, approval: PendingApproval) -> None:
    assert await pending.expire(approval)


async def overtaken(pending: PendingApprovals, approval: PendingApproval) -> None:
    await pending.overtake(approval.id)


@pytest.mark.parametrize("ending", [approved, expired, overtaken])
@pytest.mark.parametrize("notice", [REPLACED, WITHDRAWN])
async def test_notice_that_begins_while_an_answer_waits_takes_its_place(
    redis: Redis,
    agency: Agency,
    notice: PublicNotice,
    ending: Callable[[PendingApprovals, PendingApproval], Awaitable[None]],
) -> None:
    board = NoticeBoard()
    inserter = NoticeInserter(agency, board)
    await asks(redis, inserter, "¿y esta?")
    pending = proposals_of(redis, inserter.current_line)
    (approval,) = await pending.pending()
    board.show(NoticeSet.of([notice]))
    await redis.hset(keys.approval_key(approval.id), "due", 1)
    await ending(pending, approval)
    said, state = await last(redis), await mailbox_of(redis).state("c1")
    if notice is REPLACED:
        assert (said.message.notice, said.message.provenance) == (notice.id, None)
    else:
        assert (said.text, said.message.provenance) == (agency.say("respuesta_retirada"), None)
    assert state.sent_notices == ({notice.id} if notice is REPLACED else set())


async def test_buttons_of_a_replaced_answer_are_not_offered(redis: Redis, agency: Agency) -> None:
    board = NoticeBoard()
    inserter = NoticeInserter(agency, board)
    await asks(redis, inserter, "¿y esta?")
    board.show(NoticeSet.of([REPLACED]))
    (approval,) = await proposals_of(redis, inserter.current_line).pending()
    assert (approval.buttons, [one.facts.notice for one in approval.sent]) == ((), [REPLACED.id])
