"""Tests a sender that is killed while sending a picture: one repeat at most, and no later message is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.conversation.files import Files
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Said, Tickets
from tests import forked
from tests.channels.telegram_peer import TelegramPeer
from tests.channels.world import SECRET
from tests.desk_world import served
from tests.eventually import eventually
from tests.forked import Forked
from tests.no_record import mailbox_of
from tests.pictures import picture
from tests.transcripts import MASTERS

ANA = StaffRef("ana", "Ana")
PNG = picture()


async def test_killed_sender_repeats_the_picture_at_most_once(redis: Any, redis_url: str, tmp_path: Path) -> None:
    tickets, peer, files = Tickets(redis), TelegramPeer(hold=asyncio.Event()), Files(tmp_path, masters=MASTERS)
    ticket = await waiting(redis)
    await tickets.claim(ticket, ANA, Reply("Te atiende Ana."))
    kept = await files.keep("c", "plano.png", PNG)
    await tickets.say(ticket, ANA, Said("reply-1", "El plano", (kept.as_attachment(),)))
    await tickets.reply(ticket, ANA, "¿Llegó?", "reply-2")

    async with served(peer.app()) as url:  # type: ignore[arg-type]
        first = start(redis_url, url, tmp_path)
        peer.hold.set()  # type: ignore[union-attr]
        await eventually(lambda: len(peer.sent()) == 1, 40)
        peer.hold.clear()  # type: ignore[union-attr]
        await eventually(lambda: len(peer.sent()) == 2, 40)
        first.kill()
        first.wait()
        peer.hold.set()  # type: ignore[union-attr]
        second = start(redis_url, url, tmp_path)
        await eventually(lambda: peer.sent()[-1].words == "<b>Ana:</b>\n¿Llegó?", 60)
        second.kill()
        second.wait()
    pictures = [call for call in peer.sent() if call.method == "sendPhoto"]
    assert [call.files["photo"] for call in pictures] == [("plano.png", PNG)] * 2
    assert [call.words for call in peer.sent() if call.method == "sendMessage"][-1:] == ["<b>Ana:</b>\n¿Llegó?"]
    assert len(peer.sent()) == 4


async def waiting(redis: Any) -> str:
    """Creates a citizen's ticket; returns its id."""
    inbox, message = mailbox_of(redis), CitizenMessage("c", Channel.TELEGRAM, "1", "persona", 0)
    await inbox.accept(message, address=Addresses(SECRET).encrypt("1001"))
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await Tickets(redis).waiting()
    return ticket.id


def start(redis_url: str, api_url: str, folder: Path) -> Forked:
    return forked.start("tests.channels.telegram_sender_process", api_url, str(folder), REDIS_URL=redis_url)
