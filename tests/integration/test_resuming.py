"""After a person, the assistant goes on from what they answered; the next person finds their summary."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.conversation.mailbox import Change, Mailbox
from bot.conversation.tickets import StaffRef, Tickets
from bot.messages import NOTE, Channel, CitizenMessage, Handoff, HandoffReason, Provenance, Reply, Speaker

ANA = StaffRef("ana", "Ana Soto")
ENTRY = Reply("Se poda en invierno.", provenance=Provenance("poda", "v1", "¿Cuándo se poda?", 1.0))


async def attended(redis: Redis) -> str:
    mailbox, tickets = Mailbox(redis), Tickets(redis)
    message = CitizenMessage("c1", Channel.WEB, "m1", "persona", at=0)
    await mailbox.accept(message)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="aseo")
    await mailbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ANA, Reply("te atiende Ana"))
    return ticket.id


async def goes_on(mailbox: Mailbox, number: int) -> str:
    """From which entry the assistant goes on with the citizen's next message."""
    message = CitizenMessage("c1", Channel.WEB, f"n{number}", "¿y cuánto cuesta?", at=0)
    await mailbox.accept(message)
    resumed = (await mailbox.state("c1")).resumed
    await mailbox.commit([message], (Reply("así"),), speaker=Speaker.ASSISTANT, change=Change())
    return resumed


async def test_the_assistant_goes_on_from_the_entry_that_staff_sent_for_a_few_messages(redis: Redis) -> None:
    mailbox, tickets, ticket = Mailbox(redis), Tickets(redis), await attended(redis)
    await tickets.reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await tickets.reply(ticket, ANA, "¿algo más?", "r2")
    await tickets.close(ticket, ANA, Reply("adiós"))
    assert [await goes_on(mailbox, number) for number in range(4)] == ["poda", "poda", "poda", ""]


async def test_without_an_entry_there_is_nothing_to_go_on_from(redis: Redis) -> None:
    ticket = await attended(redis)
    await Tickets(redis).reply(ticket, ANA, "ya está", "r1")
    await Tickets(redis).close(ticket, ANA, Reply("adiós"))
    assert await goes_on(Mailbox(redis), 1) == ""


async def test_the_summary_is_for_staff_only(redis: Redis) -> None:
    mailbox, ticket = Mailbox(redis), await attended(redis)
    await Tickets(redis).close(ticket, ANA, Reply("adiós"), summary="Ya pagó; espera el timbre")
    notes = [event for event in await mailbox.feed("c1", staff=True) if event.kind == NOTE]
    assert [(note.text, note.data["name"]) for note in notes] == [("Ya pagó; espera el timbre", "Ana Soto")]
    assert "timbre" not in str(await mailbox.feed("c1"))
