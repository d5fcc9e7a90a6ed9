"""Tests the register of requests about personal data: from the chat to the page, clocks, answers, blocking, erasing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.files import Files
from bot.core.messages import Reply, Speaker
from bot.core.texts import area
from bot.desk.api import search
from bot.desk.auth.sessions import CONFIRMED_FOR
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
from bot.record.tables import Audit, Callback, Conversation, PrivacyRequest, Staff, StaffSession, Ticket
from bot.record.transcripts.rows import read
from bot.store import keys
from tests.desk_world import PASSWORD, DeskWorld, desk_world
from tests.integration.recorded import conversation, ticket
from tests.privacy_requests import NAME, PIA, RECEIPT, asked_in_chat
from tests.recording import recording, until_recorded

ANA = "ana@losaromos.example"
NOTHING = area("datos")["sin_explicacion"]
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


async def id_of_pia(world: DeskWorld) -> UUID:
    async with world.sessions() as session:
        return (await session.scalars(select(Staff.id).where(Staff.email == PIA))).one()


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


async def test_card_shows_what_the_citizen_wrote_after_the_request_until_the_data_is_blocked(world: DeskWorld) -> None:
    pia = await world.sign_in_elsewhere(PIA)
    await asked_in_chat(world, "blocking")
    assert (NOTHING in (page := (await pia.get(PATH)).text), "tienen mal mi nombre" in page) == (True, False)
    words = "Me llamo Rosa, rosa@ejemplo.cl: quiero que borren lo que dije de mi hijo"
    await world.say(NAME, words)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    assert (words in (page := (await pia.get(PATH)).text), NOTHING in page) == (True, False)
    page = (await post(pia, f"/{RECEIPT}/datos", accion="bloquear")).text
    assert (words in page, area("datos")["explicacion_bloqueada"] in page) == (False, True)


async def test_question_is_open_until_the_citizen_answers_it(world: DeskWorld) -> None:
    await asked_in_chat(world)
    asked = partial(world.redis.hget, keys.conversation_key(NAME), "to_explain")
    assert await asked() == RECEIPT
    message = await world.say(NAME, "quiero que diga Rosa")
    change = Change(explained=True)
    assert await world.inbox.commit([message], (Reply("Anotado."),), speaker=Speaker.ASSISTANT, change=change) == "ok"
    assert await asked() is None


async def test_question_ends_when_a_person_takes_the_ticket(world: DeskWorld) -> None:
    ticket = await world.wait_for_person("tienen mal mi nombre")
    key = keys.conversation_key(ticket.conversation)
    await world.redis.hset(key, "to_explain", RECEIPT)
    ana = await world.sign_in(ANA)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    assert await world.redis.hmget(key, "speaker", "to_explain") == ["staff", None]


async def test_time_is_extended_once_and_late_requests_are_marked(world: DeskWorld) -> None:
    await asked_in_chat(world)
    before = (await stored(world)).due_at
    pia = await world.sign_in_elsewhere(PIA)
    why = "Hay que buscar en [archivos](https://otra.example) de papel."
    assert (await post(pia, f"/{RECEIPT}/prorroga", razon=why)).status_code == 200
    assert r"\[archivos" in (await world.inbox.events(NAME))[-1].text  # the reason is text, and no link
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
        await register.extend(RECEIPT, "una razón cualquiera", by=UUID(int=1), timezone="UTC")
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
        done = {"data_blocked", "data_exported", "data_erased"}
        rows = await session.execute(select(Audit.action, Audit.staff_id).where(Audit.action.in_(done)))
        assert {(action, staff) for action, staff in rows} == {(action, await id_of_pia(world)) for action in done}
    assert (await stored(world)).conversation_id is None


@pytest.mark.parametrize(("where", "page"), [(f"/{RECEIPT}/datos", ""), ("/retenciones/termino", "/retenciones")])
async def test_giving_the_password_again_leads_back_to_the_page_of_the_change(
    world: DeskWorld, where: str, page: str
) -> None:
    await asked_in_chat(world)
    pia = await world.sign_in_elsewhere(PIA)
    async with world.sessions.begin() as session:
        await session.execute(update(StaffSession).values(confirmed_at=datetime.now(UTC) - CONFIRMED_FOR))
    asked = await post(pia, where, accion="bajar")
    assert (asked.url.path, asked.url.params["volver"]) == ("/desk/confirmar", f"{PATH}{page}")
    csrf = asked.text.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, "actual": PASSWORD, "volver": asked.url.params["volver"]}
    back = await pia.post("/desk/confirmar", data=form, follow_redirects=True)
    assert (back.status_code, back.url.path) == (200, f"{PATH}{page}")
    assert (await post(pia, f"/{RECEIPT}/datos", accion="bajar")).json()


async def test_account_exports_and_erases_so_many_conversations_an_hour(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AN_HOUR", dict.fromkeys(search.Reading, 1))
    await asked_in_chat(world, "erasure")
    pia = await world.sign_in_elsewhere(PIA)
    exports = [(await post(pia, f"/{RECEIPT}/datos", accion="bajar")).status_code for _ in range(2)]
    asked = [(await post(pia, f"/{RECEIPT}/datos", accion="borrar")).status_code for _ in range(2)]
    await world.inbox.allow(f"reads:erasure:{await id_of_pia(world)}", 1, 3600)
    refused = await post(pia, f"/{RECEIPT}/datos", accion="borrar", seguro="1")
    assert (exports, asked, refused.status_code) == ([200, 429], [200, 200], 429)
    assert "se pueden en una hora" in refused.text
    async with world.sessions() as session:
        assert await session.scalar(select(Conversation)) is not None


async def test_retention_records_in_the_audit_what_it_deleted(world: DeskWorld, tmp_path: Path) -> None:
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


async def test_page_requires_its_role_and_lets_the_masking_be_tried(world: DeskWorld) -> None:
    ana, pia = await world.sign_in(ANA), await world.sign_in_elsewhere(PIA)
    assert [(await ana.get(path)).status_code for path in (PATH, TRY)] == [403, 403]
    csrf = (await pia.get(TRY)).text.partition('name="csrf" value="')[2].partition('"')[0]
    tried = await pia.post(
        TRY,
        data={"csrf": csrf, "texto": "soy Ana Soto, rut 12.345.678-5, de calle Prat 12; un hoyo en calle El Boldo 360"},
    )
    assert "soy ••••, rut ••••, de ••••; un hoyo en calle El Boldo 360" in tried.text
