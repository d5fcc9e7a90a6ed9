"""Tests that the assistant continues from an agent's answer, and that the next agent gets the summary."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import httpx
from redis.asyncio import Redis

from bot.agency.model import load_agency
from bot.conversation.change import AnswerToApprove, Change
from bot.conversation.inbox import Inbox
from bot.core.events import EventKind
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Provenance, Reply, Speaker
from bot.tickets.ending import Ending
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from tests.no_record import mailbox_of, proposals_of

AGENCY = load_agency(Path(__file__).parents[2] / "agency.yml")
ANA = StaffRef("ana", "Ana Soto")
SUMMED_UP = Ending(summary="Ya pagó; espera el timbre")
SMALL_TALK, NO_CHANGE = Reply("así"), Change()
ANSWER = Reply("Cuesta 3 UTM.", provenance=Provenance("patente", "v1", "¿Cuánto cuesta la patente?", 0.9))
ENTRY = Reply("Se poda en invierno.", provenance=Provenance("poda", "v1", "¿Cuándo se poda?", 1.0))


async def attended(redis: Redis) -> str:
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    message = CitizenMessage("c1", Channel.WEB, "m1", "persona", at=0)
    await inbox.accept(message)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="aseo")
    await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ANA, Reply("te atiende Ana"))
    return ticket.id


async def goes_on(inbox: Inbox, number: int, reply: Reply = SMALL_TALK, change: Change = NO_CHANGE) -> str | None:
    """Returns the entry from which the assistant continues at the citizen's next message (None if none).

    Then answers that message with ``reply``.
    """
    message = CitizenMessage("c1", Channel.WEB, f"n{number}", "¿y cuánto cuesta?", at=0)
    await inbox.accept(message)
    resumed = (await inbox.state("c1")).resumed
    await inbox.commit([message], (reply,), speaker=Speaker.ASSISTANT, change=change)
    return resumed


async def test_assistant_continues_from_the_entry_that_staff_sent_for_a_few_messages(redis: Redis) -> None:
    inbox, tickets, ticket = mailbox_of(redis), Tickets(redis), await attended(redis)
    await tickets.reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await tickets.reply(ticket, ANA, "¿algo más?", "r2")
    await tickets.close(ticket, ANA, Reply("adiós"))
    assert [await goes_on(inbox, number) for number in range(4)] == ["poda", "poda", "poda", None]


async def test_nothing_continues_without_an_entry(redis: Redis) -> None:
    ticket = await attended(redis)
    await Tickets(redis).reply(ticket, ANA, "ya está", "r1")
    await Tickets(redis).close(ticket, ANA, Reply("adiós"))
    assert await goes_on(mailbox_of(redis), 1) == ""


async def test_assistants_answer_ends_the_agents_context(redis: Redis) -> None:
    inbox, tickets, ticket = mailbox_of(redis), Tickets(redis), await attended(redis)
    await tickets.reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await tickets.close(ticket, ANA, Reply("adiós"))
    assert [await goes_on(inbox, 1), await goes_on(inbox, 2, ANSWER), await goes_on(inbox, 3)] == [
        "poda",
        "poda",
        None,
    ]


async def test_pending_answer_becomes_the_context_once_sent(redis: Redis) -> None:
    inbox, pending_approvals, ticket = mailbox_of(redis), proposals_of(redis), await attended(redis)
    await Tickets(redis).reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await Tickets(redis).close(ticket, ANA, Reply("adiós"))
    await goes_on(inbox, 1, Reply("un momento"), Change(to_approve=AnswerToApprove("p1", (ANSWER,), "¿y eso?", 60_000)))
    assert (await inbox.state("c1")).resumed == "poda"
    await pending_approvals.approve(await pending_approvals.get("p1"), ANA)
    assert (await inbox.state("c1")).resumed is None


async def test_citizen_who_returns_before_the_agent_wrote_was_not_attended(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await Transitions(redis).requeue(await attended(redis), Actor(ANA), Why.RELEASED, Reply("vuelves a la fila"))
    message = CitizenMessage("c1", Channel.WEB, "m2", "volver", at=0)
    await inbox.accept(message)
    await inbox.commit([message], (), speaker=Speaker.WAITING, change=Change(cancel_ticket=True))
    assert (await inbox.state("c1")).resumed is None


async def test_session_that_ends_by_silence_leaves_its_context_too(redis: Redis) -> None:
    tickets, transitions, ticket = Tickets(redis), Transitions(redis), await attended(redis)
    await tickets.reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await transitions.snooze(ticket, ANA, 1)
    assert await transitions.close_abandoned(ticket, "no_answer", Reply("adiós"), Reply("vuelves"))
    assert await goes_on(mailbox_of(redis), 1) == "poda"


async def test_another_handoff_ends_the_context(redis: Redis) -> None:
    inbox, ticket = mailbox_of(redis), await attended(redis)
    await Tickets(redis).close(ticket, ANA, Reply("adiós"), Ending(entry="poda", summary="Ya pagó"))
    message = CitizenMessage("c1", Channel.WEB, "m2", "persona", at=0)
    await inbox.accept(message)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="aseo")
    await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    state = await inbox.state("c1")
    assert (state.resumed, state.resumed_summary) == (None, "")


async def test_entry_of_the_closing_has_precedence_over_the_one_sent(redis: Redis) -> None:
    tickets, ticket = Tickets(redis), await attended(redis)
    await tickets.reply(ticket, ANA, ENTRY.text, "r1", entry=ENTRY)
    await tickets.close(ticket, ANA, Reply("adiós"), Ending(entry="escombros"))
    assert await goes_on(mailbox_of(redis), 1) == "escombros"


async def test_summary_goes_to_rasas_tracker_with_the_next_messages(redis: Redis) -> None:
    inbox, ticket, told = mailbox_of(redis), await attended(redis), []

    def handle(request: httpx.Request) -> httpx.Response:
        told.append(json.loads(request.content)["metadata"].get("summary", ""))
        return httpx.Response(200, json=[{"text": "así"}])

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    turns = Turns(agency=AGENCY, assistant=Assistant(rasa), wait_notice=nobody_waits)
    await Tickets(redis).close(ticket, ANA, Reply("adiós"), SUMMED_UP)
    for number in range(4):
        message = CitizenMessage("c1", Channel.WEB, f"n{number}", "¿y cuánto cuesta?", at=0)
        await inbox.accept(message)
        decision = await turns.take(message, await inbox.state("c1"))
        await inbox.commit([message], decision.replies, speaker=Speaker.ASSISTANT, change=decision.change)
    assert told == [SUMMED_UP.summary] * 3 + [""]


async def nobody_waits(_handoff: Handoff, _now: datetime) -> Reply:
    raise AssertionError("nobody is handed off")


async def test_the_summary_is_for_staff_only(redis: Redis) -> None:
    inbox, ticket = mailbox_of(redis), await attended(redis)
    await Tickets(redis).close(ticket, ANA, Reply("adiós"), SUMMED_UP)
    notes = [event for event in await inbox.events("c1", staff=True) if event.kind == EventKind.NOTE]
    assert [(note.text, note.facts.name) for note in notes] == [("Ya pagó; espera el timbre", "Ana Soto")]
    assert "timbre" not in str(await inbox.events("c1"))
