"""Tests the register of requests about personal data: from the chat to the page, clocks, answers, blocking, erasing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.conversation.files import Files
from bot.desk.pages.privacy.cards import SOON_DAYS, Cards
from bot.desk.pages.privacy.masking_try import PATH as TRY
from bot.desk.pages.privacy.page import PATH
from bot.desk.queries.privacy_register import NotOpen, PrivacyRegister
from bot.desk.queries.search import Search
from bot.handoff.agent import Agent
from bot.learning.offers import offers_since
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.privacy_requests import RequestBook, RequestState, receipt_in
from bot.record.retention import Places, Terms, forget, forget_once
from bot.record.tables import Audit, Callback, Conversation, PrivacyRequest, Ticket
from bot.record.transcripts.rows import read
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.integration.recorded import conversation, ticket
from tests.privacy_requests import NAME, PIA, RECEIPT, asked_in_chat

ANA = "ana@losaromos.example"
EVA = Agent("eva", "Eva", (), sees_all=True)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(PIA, "Pía Ley", roles=("privacy",))
        await made.hire(ANA, "Ana Soto")
        yield made


async def post(client: httpx.AsyncClient, where: str, **form: str) -> httpx.Response:
    page = (await client.get(PATH)).text
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    return await client.post(f"{PATH}{where}", data={"csrf": csrf} | form, follow_redirects=True)


async def stored(world: DeskWorld) -> PrivacyRequest:
    async with world.sessions() as session:
        return (await session.scalars(select(PrivacyRequest))).one()


async def test_request_of_the_chat_is_refused_with_a_reason_and_the_agencia(world: DeskWorld) -> None:
    await asked_in_chat(world)
    pia = await world.sign_in_elsewhere(PIA)
    assert RECEIPT in (await pia.get(PATH)).text
    short = {"estado": "refused", "identidad": "canal", "respuesta": "no"}
    assert (await post(pia, f"/{RECEIPT}/respuesta", **short)).status_code == 422
    reason = "El nombre es el que figura en su cédula de identidad."
    answered = await post(pia, f"/{RECEIPT}/respuesta", **short | {"respuesta": reason})
    one = await stored(world)
    assert answered.status_code == 200
    assert (one.state, one.conversation_id, "Agencia de Protección" in one.answer) == ("refused", NAME, True)
    told = (await world.inbox.events(NAME))[-1].text
    assert reason in told
    status = await RequestBook(world.sessions).status(RECEIPT)
    assert status
    assert status.state == "refused"
    async with world.sessions() as session:
        actions = set(await session.scalars(select(Audit.action)))
    assert {"privacy_viewed", "privacy_answered"} <= actions


async def test_time_is_extended_once_and_late_requests_are_marked(world: DeskWorld) -> None:
    await asked_in_chat(world)
    before = (await stored(world)).due_at
    pia = await world.sign_in_elsewhere(PIA)
    why = "Hay que buscar en archivos de papel."
    assert (await post(pia, f"/{RECEIPT}/prorroga", razon=why)).status_code == 200
    assert (await stored(world)).due_at - before == timedelta(days=30)
    assert (await post(pia, f"/{RECEIPT}/prorroga", razon=why)).status_code == 409
    async with world.sessions.begin() as session:
        await session.execute(update(PrivacyRequest).values(due_at=datetime.now(UTC) - timedelta(days=3)))
    assert "Vencida hace 3 días" in (await pia.get(PATH)).text


async def test_clock_warns_before_the_limit_and_an_answered_request_stays_answered(world: DeskWorld) -> None:
    await asked_in_chat(world, "blocking")
    register, one = PrivacyRegister(world.sessions), await stored(world)
    one.due_at = datetime.now(UTC) + timedelta(days=SOON_DAYS)
    card = Cards(world.agency).make(one)
    assert (card.urgency, card.can_extend, card.kind) == ("soon", False, "bloqueo")
    with pytest.raises(NotOpen):
        await register.extend(RECEIPT, "una razón cualquiera", by=UUID(int=1))
    await register.answer(RECEIPT, RequestState.DONE, "", identity="canal", by=UUID(int=1))
    with pytest.raises(NotOpen):
        await register.answer(RECEIPT, RequestState.REFUSED, "", identity="canal", by=UUID(int=1))


async def test_letter_is_noted_with_a_number(world: DeskWorld) -> None:
    pia = await world.sign_in_elsewhere(PIA)
    await post(pia, "", tipo="blocking", via="carta", nota="Folio 77")
    one = await stored(world)
    assert receipt_in(one.receipt) == one.receipt
    assert (one.kind, one.channel, one.note, one.conversation_id) == ("blocking", "carta", "Folio 77", None)
    assert (one.due_at - one.at).days < 8


async def test_blocked_conversation_is_neither_found_nor_learnt_from_nor_deleted(world: DeskWorld) -> None:
    await conversation(world.sessions, NAME, ("citizen", "xylofonito"))
    search, corrections = Search(world.sessions), Corrections(world.sessions)
    assert len(await search.find("xylofonito", EVA)) == 1
    assert await corrections.block(NAME)
    assert not await corrections.block(NAME)
    assert await search.find("xylofonito", EVA) == []
    assert await search.past(NAME, EVA) is None
    assert await offers_since(world.sessions, datetime(2020, 1, 1, tzinfo=UTC)) == []
    assert (await forget(world.sessions, datetime.now(UTC) + timedelta(days=1)))["conversations"] == 0
    assert await corrections.unblock(NAME)
    assert (await forget(world.sessions, datetime.now(UTC) + timedelta(days=1)))["conversations"] == 1


async def test_name_and_contact_are_corrected_and_the_words_of_the_citizen_stay(world: DeskWorld) -> None:
    await asked_in_chat(world)
    await ticket(world.sessions, "7", NAME, summary="Llamó Jose Peres")
    at = datetime.now(UTC)
    times = {"asked_at": at, "consented_at": at, "due_at": at}
    row = {"conversation_id": NAME, "event_id": "9-0", "number": "7-204", "ticket_id": "7", "team": "atencion"}
    row |= {"contact_kind": "mobile", "shown": "x", "encrypted": "x", "part_of_day": "any"}
    async with world.sessions.begin() as session:
        session.add(Callback(**row, **times))
    pia = await world.sign_in_elsewhere(PIA)
    wrong = await post(pia, f"/{RECEIPT}/datos", accion="corregir", contacto="12")
    fixed = {"dice": "Jose Peres", "debe": "José Pérez", "contacto": "+56 9 8765 4321"}
    assert (wrong.status_code, (await post(pia, f"/{RECEIPT}/datos", accion="corregir", **fixed)).status_code) == (
        422,
        200,
    )
    async with world.sessions() as session:
        (corrected,) = await read(session, select(Ticket))
        assert corrected.summary == "Llamó José Pérez"
        assert await session.scalar(select(Callback.shown)) == "+56 9 •••• 4321"


async def test_data_is_blocked_downloaded_and_erased_from_the_request(world: DeskWorld) -> None:
    await asked_in_chat(world, "erasure")
    pia = await world.sign_in_elsewhere(PIA)
    assert "Bloqueada" in (await post(pia, f"/{RECEIPT}/datos", accion="bloquear")).text
    exported = await post(pia, f"/{RECEIPT}/datos", accion="bajar")
    assert exported.json()["record"]["messages"][0]["text"] == "tienen mal mi nombre"
    assert "No se puede deshacer" in (await post(pia, f"/{RECEIPT}/datos", accion="borrar")).text
    assert (await post(pia, f"/{RECEIPT}/datos", accion="borrar", seguro="1")).status_code == 200
    async with world.sessions() as session:
        assert await session.scalar(select(Conversation)) is None
    assert (await stored(world)).conversation_id is None


async def test_retention_tells_the_audit_what_it_deleted(world: DeskWorld, tmp_path: Path) -> None:
    await asked_in_chat(world)
    await PrivacyRegister(world.sessions).answer(RECEIPT, RequestState.DONE, "", identity="canal", by=UUID(int=1))
    later = datetime.now(UTC) + timedelta(days=40)
    terms = Terms(conversations=30, audit=730, contacts=30, complaints=30, requests=50)
    places = Places(Files(tmp_path / "files"), Files(tmp_path / "complaint_files"))
    await places.files.keep(NAME, "a.pdf", b"%PDF-1.7")
    assert (await forget_once(world.sessions, terms, later, places))["conversations"] == 1
    assert (await stored(world)).state == "done"
    await forget_once(world.sessions, terms, later + timedelta(days=20), places)
    await forget_once(world.sessions, terms, later + timedelta(days=20), places)
    async with world.sessions() as session:
        told = await session.scalars(select(Audit.detail).where(Audit.action == "data_expired").order_by(Audit.id))
        assert list(told) == [{"conversations": 1, "files": 1}, {"requests": 1}]


async def test_page_is_for_the_role_alone_and_the_masking_can_be_tried(world: DeskWorld) -> None:
    ana, pia = await world.sign_in(ANA), await world.sign_in_elsewhere(PIA)
    assert [(await ana.get(path)).status_code for path in (PATH, TRY)] == [403, 403]
    csrf = (await pia.get(TRY)).text.partition('name="csrf" value="')[2].partition('"')[0]
    tried = await pia.post(TRY, data={"csrf": csrf, "texto": "soy Ana Soto, rut 12.345.678-5"})
    assert "soy ••••, rut ••••" in tried.text
