"""Tests the call-back page: one owner, audited contact, three attempts, notices to the citizen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.core.event_facts import TicketState
from bot.core.messages import Channel, Priority, Speaker
from bot.desk.api import search
from bot.desk.pages.callbacks.attempt import next_try
from bot.handoff.hours import OpeningHours
from bot.handoff.sweeper import on_the_phone
from bot.record.engine import Sessions
from bot.record.tables import Audit, Callback, CallbackAttempt
from bot.record.transcripts.rows import decrypt_objects
from bot.tickets.ticket import Ticket
from bot.tickets.transitions import Transitions
from tests.desk_world import DeskWorld, desk_world
from tests.integration.callback_requests import PHONE, asked, recorded

ANA, BERTA = "ana@losaromos.example", "berta@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(BERTA, "Berta Paz", teams=("obras",))
        yield made


async def send(client: httpx.AsyncClient, one: Callback, what: str, **form: str) -> httpx.Response:
    return await client.post(
        f"/desk/llamadas/{one.id}/{what}", data={"csrf": client.headers["X-CSRF-Token"]} | form, follow_redirects=True
    )


async def try_once(client: httpx.AsyncClient, one: Callback, result: str, note: str = "") -> httpx.Response:
    await send(client, one, "tomar")
    return await send(client, one, "resultado", resultado=result, nota=note, proximo="hour")


async def actions(world: DeskWorld, subject: str) -> list[str]:
    async with world.sessions() as session:
        return list(await session.scalars(select(Audit.action).where(Audit.subject == subject).order_by(Audit.id)))


async def ticket_of(world: DeskWorld, one: Callback) -> Ticket:
    ticket = await world.tickets.get(one.ticket_id)
    assert ticket is not None
    return ticket


async def said(world: DeskWorld, one: Callback) -> list[str]:
    return [event.text for event in await world.inbox.events(one.conversation_id) if event.kind == "message"]


async def test_concurrent_claims_of_a_request_have_one_winner(world: DeskWorld) -> None:
    await world.set_teams(BERTA)
    one = await asked(world)
    clients = [await world.sign_in(email) for email in (ANA, BERTA)]
    answers = await asyncio.gather(*(send(client, one, "tomar") for client in clients))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "ya la tomó" in refused.text
    assert (await ticket_of(world, one)).state is TicketState.CLAIMED


async def test_contact_is_shown_to_the_owner_and_that_is_audited(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    page = await ana.get("/desk/llamadas")
    assert ("+56 9 •••• 3211" in page.text, PHONE in page.text) == (True, False)
    assert (await send(ana, one, "contacto")).status_code == 409
    assert await actions(world, one.number) == []
    await send(ana, one, "tomar")
    shown = await send(ana, one, "contacto")
    assert f'href="tel:{PHONE}"' in shown.text
    assert await actions(world, one.number) == ["contact_viewed"]
    assert PHONE not in (await ana.get("/desk/llamadas")).text


async def test_card_shows_what_the_call_is_about_whatever_is_asked_later(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    await world.say(one.conversation_id, "¿a qué hora abre la piscina?")
    page = await ana.get("/desk/llamadas")
    assert "necesito ayuda con mi patente" in page.text
    assert "piscina" not in page.text
    assert "me da lo mismo" not in page.text


async def test_claiming_and_releasing_a_call_sends_the_citizen_nothing(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    before = await said(world, one)
    await send(ana, one, "tomar")
    await send(ana, one, "soltar")
    assert await said(world, one) == before
    assert await actions(world, one.ticket_id) == ["ticket_claimed", "ticket_moved"]
    assert (await world.inbox.state(one.conversation_id)).speaker is Speaker.ASSISTANT


async def test_reached_citizen_leaves_the_list_and_the_ticket_is_closed(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    answer = await try_once(ana, one, "reached", "quedó todo claro")
    assert "La solicitud quedó cerrada" in answer.text
    assert one.number not in answer.text
    await recorded(world)
    async with world.sessions() as session:
        row = await session.get_one(Callback, one.id)
        tried = (await session.scalars(select(CallbackAttempt))).one()
        await decrypt_objects(session, [tried], {row.id: row.conversation_id})
    assert (row.outcome, row.encrypted is not None, tried.note) == ("reached", True, "quedó todo claro")
    assert (await ticket_of(world, one)).closed
    assert await actions(world, one.number) == ["callback_tried"]


async def test_three_failed_attempts_end_the_request_with_a_notice_each(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    for number in range(3):
        page = await try_once(ana, one, "not_reached", f"intento {number}")
        if number < 2:
            assert "Vuelve a la lista" in page.text
            assert (await ticket_of(world, one)).state is TicketState.CALLBACK
    told = [words for words in await said(world, one) if "no pudimos hablar contigo" in words]
    assert len(told) == 3
    assert "cerramos tu solicitud" in told[-1]
    assert "+56 9 •••• 3211" in told[0]
    await recorded(world)
    async with world.sessions() as session:
        row = await session.get(Callback, one.id)
    assert row is not None
    assert row.outcome == "not_reached"


async def test_wrong_contact_ends_it_without_a_notice(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    before = await said(world, one)
    await try_once(ana, one, "wrong_contact")
    assert (await said(world, one), (await ticket_of(world, one)).closed) == (before, True)


async def test_outcome_is_recorded_once_and_only_by_the_owner(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    assert (await send(ana, one, "resultado", resultado="reached")).status_code == 409
    await try_once(ana, one, "not_reached")
    assert (await send(ana, one, "resultado", resultado="not_reached")).status_code == 409
    async with world.sessions() as session:
        assert len((await session.scalars(select(CallbackAttempt))).all()) == 1


async def test_opted_out_citizen_or_closed_window_gets_no_notice(world: DeskWorld) -> None:
    refused, closed = await asked(world), await asked(world, channel=Channel.WHATSAPP)
    await world.redis.sadd("v:notices:off", refused.conversation_id)
    await world.redis.hset(f"v:conv:{closed.conversation_id}", "inbound_at", 1)
    ana = await world.sign_in(ANA)
    for one in (refused, closed):
        await try_once(ana, one, "not_reached")
        assert [words for words in await said(world, one) if "no pudimos hablar" in words] == []


async def test_closing_its_ticket_at_the_desk_ends_the_request(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    before = await said(world, one)
    await send(ana, one, "tomar")
    closed = await ana.post(f"/desk/api/tickets/{one.ticket_id}/close", json={"outcome": "solved"})
    assert closed.status_code in {200, 204}, closed.text
    await recorded(world)
    async with world.sessions() as session:
        row = await session.get(Callback, one.id)
    assert row is not None
    assert (row.outcome, await said(world, one)) == ("solved", before)
    assert one.number not in (await ana.get("/desk/llamadas")).text


async def test_calling_agent_keeps_the_request_for_an_hour_without_an_open_desk(
    world: DeskWorld, agency: Agency
) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    await send(ana, one, "tomar")
    ticket = await ticket_of(world, one)
    assert ticket.by_phone
    assert on_the_phone(ticket)
    assert not on_the_phone(replace(ticket, claimed_at=ticket.claimed_at - 3601 * 1000))
    assert not on_the_phone(replace(ticket, by_phone=False))


async def test_due_call_is_queued_before_normal_tickets(world: DeskWorld) -> None:
    one = await asked(world, due=datetime.now().astimezone() - timedelta(seconds=1))
    waits = await world.wait_for_person("hola")
    await Transitions(world.redis).enqueue_due_callback(one.ticket_id)
    assert [(ticket.id, ticket.priority) for ticket in await world.tickets.waiting()] == [
        (one.ticket_id, Priority.CALLBACK),
        (waits.id, Priority.NORMAL),
    ]
    assert (await world.inbox.state(one.conversation_id)).speaker is Speaker.ASSISTANT


async def test_call_back_does_not_count_in_the_usual_wait(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    await Transitions(world.redis).enqueue_due_callback(one.ticket_id)
    await send(ana, one, "tomar")


async def test_agent_of_another_team_does_not_see_the_callback(world: DeskWorld) -> None:
    one, berta = await asked(world), await world.sign_in(BERTA)
    assert one.number not in (await berta.get("/desk/llamadas")).text
    assert (await send(berta, one, "tomar")).status_code == 404
    assert (await berta.get(f"/desk/llamadas/{one.id}/conversacion")).status_code == 404


async def test_opening_its_conversation_is_audited(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    page = await ana.get("/desk/llamadas")
    link = re.search(r'href="(/desk/llamadas/\d+/conversacion)"', page.text)
    assert link is not None
    assert "necesito ayuda con mi patente" in (await ana.get(link[1])).text
    assert await actions(world, one.conversation_id) == ["transcript_viewed"]


async def test_opening_its_conversation_counts_as_reading_the_record(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AN_HOUR", dict.fromkeys(search.Reading, 1))
    one, ana = await asked(world), await world.sign_in(ANA)
    address = f"/desk/llamadas/{one.id}/conversacion"
    assert [(await ana.get(address)).status_code for _ in range(2)] == [200, 429]
    assert (await ana.get("/desk/llamadas")).status_code == 200


async def test_forged_or_invalid_form_is_refused(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    assert (await ana.post(f"/desk/llamadas/{one.id}/tomar", data={"csrf": "no"})).status_code == 403
    await send(ana, one, "tomar")
    for form in (
        {"resultado": "maybe"},
        {"resultado": "reached", "nota": "x" * 501},
        {"resultado": "not_reached", "proximo": "1"},
    ):
        assert (await send(ana, one, "resultado", **form)).status_code == 422
    assert (await send(ana, one, "resultado", resultado="reached")).status_code == 200


async def test_request_with_a_deleted_contact_shows_that(world: DeskWorld) -> None:
    one, ana = await asked(world), await world.sign_in(ANA)
    async with world.sessions.begin() as session:
        await session.execute(update(Callback).values(encrypted=None))
    await send(ana, one, "tomar")
    assert (await send(ana, one, "contacto")).status_code == 410


@pytest.mark.parametrize(
    ("again", "now", "expected"),
    [
        ("hour", "2026-11-23T10:00", "2026-11-23T11:00"),
        ("hour", "2026-11-23T17:00", "2026-11-24T08:30"),
        ("morning", "2026-11-23T10:00", "2026-11-24T08:30"),
        ("morning", "2026-11-23T16:00", "2026-11-24T08:30"),
        ("afternoon", "2026-11-23T10:00", "2026-11-23T15:00"),
        ("afternoon", "2026-11-23T16:00", "2026-11-24T15:00"),
        ("afternoon", "2026-11-27T16:00", "2026-11-30T15:00"),
    ],
)
def test_next_attempt_falls_into_attended_hours(agency: Agency, again: str, now: str, expected: str) -> None:
    zone = ZoneInfo("America/Santiago")
    moment, wanted = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (now, expected))
    assert next_try(OpeningHours.from_agency(agency), again, moment) == wanted
