"""Tests that a public notice that nobody asked for is not sent any more once it has ended."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.channels.outgoing.channel import Chunk
from bot.conversation.addresses import Addresses
from bot.core.events import Event
from bot.core.messages import Channel, CitizenMessage
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.public_notices.notice import NoticeSet
from bot.tickets.outbox import Outbox
from tests.integration.sender_process import SECRET, SENT, SlowProvider
from tests.integration.sending import sending_with, until_sent
from tests.integration.working import until_idle, working
from tests.no_record import mailbox_of
from tests.notices import public_notice

CUT = public_notice()
ON_DISK = public_notice("disk.1", text="Corte de luz")


class JoiningProvider(SlowProvider):
    """A provider whose messages hold several replies."""

    def join(self, events: tuple[Event, ...]) -> Chunk | None:
        return Chunk(" + ".join(event.text for event in events))


async def answered(redis: Redis) -> None:
    """Answers a citizen who has not got two notices; the answer waits in the outbox."""
    board = NoticeBoard(NoticeSet.of((CUT, ON_DISK)))
    async with working(redis, board=board, debounce_ms=0):
        message = CitizenMessage("ana", Channel.TELEGRAM, "m1", "hola señora", at=0)
        await mailbox_of(redis).accept(message, address=Addresses(SECRET).encrypt("a chat"))
        await until_idle(redis)


async def sent(redis: Redis, provider: SlowProvider) -> list[str]:
    async with sending_with(redis, provider):
        await until_sent(redis)
    return [str(one) for one in await redis.lrange(SENT, 0, -1)]


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("provider", [SlowProvider, JoiningProvider])
async def test_notice_in_an_outbox_is_sent_only_while_it_runs_and_keeps_no_answer_back(
    redis: Redis, provider: type[SlowProvider], runs: bool
) -> None:
    kept = KeptNotices(redis)
    await kept.write(NoticeSet.of((CUT,)), 0)
    await answered(redis)
    if not runs:
        await kept.write(NoticeSet(), 0)
    said = "\n".join(await sent(redis, provider(redis)))
    assert ([CUT.text in said, "Corte de luz" in said, "re: hola" in said]) == [runs, True, True]
    assert (CUT.id in (await mailbox_of(redis).state("ana")).sent_notices) == runs
    failed = [one for one in (await Outbox(redis).deliveries("ana")).values() if one.state == "failed"]
    assert [one.reason for one in failed] == ["withdrawn"] * (not runs)
