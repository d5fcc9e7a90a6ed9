"""Tests the complaints page: who sees which complaints, states with their news, photos, and the CSV file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.conversation.files import COMPLAINT_FILES, Files
from bot.core.messages import Attachment, MediaKind, Place
from bot.core.texts import say
from bot.desk.pages.complaints.cards import PATH as PAGE
from bot.desk.pages.complaints.page import FILE_PATH, MAX_REPLY_CHARACTERS
from bot.desk.queries.complaints import MAX_ID
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.record.tables.complaints import Complaint, ComplaintChange
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.integration.complaints import NUMBER, filed
from tests.pictures import SECRET_MAKE, photo

ANA, BERTA, SARA, EDU = (f"{name}@losaromos.example" for name in ("ana", "berta", "sara", "edu"))
SEEN = re.compile(r'name="visto" value="(\d+)"')


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(ANA, "Ana Soto")
        await made.hire(BERTA, "Berta Paz", teams=("obras",))
        await made.hire(SARA, "Sara Lira", roles=("supervisor",))
        await made.hire(EDU, "Edu Rey", roles=("editor",))
        yield made


async def make(world: DeskWorld, **facts: Any) -> Complaint:
    return await filed(world.redis, world.sessions, world.inbox, **facts)


async def change(client: httpx.AsyncClient, one: Complaint, **form: str) -> httpx.Response:
    seen = SEEN.search((await client.get(PAGE)).text)
    fields = {"csrf": client.headers["X-CSRF-Token"], "visto": seen[1] if seen else "0"} | form
    return await client.post(f"{PAGE}/{one.id}", data=fields, follow_redirects=True)


async def stored(world: DeskWorld) -> list[tuple[str, str, str, str]]:
    async with world.sessions() as session:
        rows = await session.scalars(select(ComplaintChange).order_by(ComplaintChange.id))
        return [(row.state, row.unit, row.reply, row.told) for row in rows]


async def said(world: DeskWorld) -> list[str]:
    return [event.text for event in await world.inbox.events("c1") if event.kind == "message"]


async def test_state_reaches_the_citizen_and_the_audit(world: DeskWorld) -> None:
    one, ana = await make(world, place=Place(-33.45, -70.66)), await world.sign_in(ANA)
    page = (await ana.get(PAGE)).text
    assert all(words in page for words in (NUMBER, "Hay un hoyo", "Prat 9", "mlat=-33.450000", "Recibido"))
    answer = await change(ana, one, estado="in_review", respuesta="Lo vemos hoy.")
    assert f"en camino a la persona del reclamo {NUMBER}" in answer.text
    assert "El aviso está por salir" in answer.text
    await ComplaintNews(world.redis, world.sessions, world.agency).notify_one()
    assert "Lo vemos hoy." in (await said(world))[-1]
    assert await stored(world) == [("received", "", "", "sent"), ("in_review", "", "Lo vemos hoy.", "sent")]
    assert "Ana Soto" in (await ana.get(PAGE)).text
    async with world.sessions() as session:
        row = await session.scalar(select(Audit).where(Audit.action == "complaint_changed"))
    assert row
    assert (row.subject, row.detail) == (NUMBER, {"state": "in_review", "unit": ""})


async def test_complaint_of_blocked_data_is_not_shown_changed_or_in_the_file(world: DeskWorld) -> None:
    one, sara = await make(world), await world.sign_in(SARA)
    corrections = Corrections(world.sessions)
    await corrections.block(one.conversation_id)
    pages = [(await sara.get(path)).text for path in (PAGE, f"{PAGE}?numero={NUMBER}", FILE_PATH)]
    assert [words for words in (f"Reclamo {NUMBER}", "Hay un hoyo", "Prat 9") if words in "".join(pages)] == []
    assert say("desk.reclamos.bloqueado") in pages[0]
    assert (await change(sara, one, estado="in_review")).status_code == 404
    await corrections.unblock(one.conversation_id)
    assert "Hay un hoyo" in (await sara.get(PAGE)).text


async def test_referral_to_a_team_moves_the_complaint_to_its_list(world: DeskWorld) -> None:
    one, ana, berta = await make(world), await world.sign_in(ANA), await world.sign_in(BERTA)
    assert f"Reclamo {NUMBER}" not in (await berta.get(PAGE)).text
    assert (await change(ana, one, estado="referred")).status_code == 422
    await change(ana, one, estado="referred", unidad=world.agency.teams["obras"].upper())
    assert f"Reclamo {NUMBER}" in (await berta.get(PAGE)).text


async def test_other_teams_and_roles_see_and_change_nothing(world: DeskWorld) -> None:
    one, berta, editor = await make(world), await world.sign_in(BERTA), await world.sign_in_elsewhere(EDU)
    assert (await change(berta, one, estado="resolved")).status_code == 404
    for wrong in (f"{one.id}/fotos/1", f"{MAX_ID + 1}/fotos/1", "0/fotos/0"):
        assert (await berta.get(f"{PAGE}/{wrong}")).status_code == 404
    assert (await editor.get(PAGE)).status_code == 403
    assert (await world.browser().get(PAGE, follow_redirects=False)).status_code == 303
    assert len(await stored(world)) == 1


async def test_two_agents_do_not_overwrite_each_other(world: DeskWorld) -> None:
    one, ana, sara = await make(world), await world.sign_in(ANA), await world.sign_in(SARA)
    old = SEEN.search((await sara.get(PAGE)).text)
    assert old
    await change(ana, one, estado="in_review")
    answer = await change(sara, one, estado="not_ours", visto=old[1])
    assert answer.status_code == 409
    assert "mientras lo leías" in answer.text
    assert [state for state, *_ in await stored(world)] == ["received", "in_review"]


@pytest.mark.parametrize(
    "form",
    [
        {"estado": "feliz"},
        {},
        {"estado": "resolved", "respuesta": "x" * (MAX_REPLY_CHARACTERS + 1)},
        {"estado": "referred", "unidad": "  "},
    ],
)
async def test_invalid_changes_of_a_complaint_are_refused(world: DeskWorld, form: dict[str, str]) -> None:
    one, ana = await make(world), await world.sign_in(ANA)
    assert (await change(ana, one, **form)).status_code == 422
    assert (await ana.post(f"{PAGE}/{one.id}", data={"estado": "resolved"})).status_code == 403
    assert len(await stored(world)) == 1


async def test_photo_is_shown_small_and_large_without_its_metadata(world: DeskWorld, tmp_path: Path) -> None:
    files, kept = Files(tmp_path / "files"), Files(tmp_path / COMPLAINT_FILES)
    attached = (await files.keep("c1", "hoyo.jpg", photo((900, 700)))).as_attachment()
    one = await make(world, photos=(attached, Attachment(MediaKind.PHOTO, ref="gone")))

    async def nothing(_ref: str, _ttl_s: int) -> None:
        return None

    ana = await world.sign_in(ANA)
    assert (await ana.get(PAGE)).text.count("se está guardando") == 2
    photos = ComplaintPhotos(world.sessions, files, kept, nothing)
    while await photos.copy_one():
        pass
    page = (await ana.get(PAGE)).text
    assert "no se pudo guardar" in page
    address = re.search(rf'href="({PAGE}/{one.id}/fotos/\d+)"', page)
    assert address
    large, small = await ana.get(address[1]), await ana.get(address[1] + "?mini")
    assert large.headers["content-type"] == small.headers["content-type"] == "image/jpeg"
    assert len(small.content) < len(large.content)
    assert SECRET_MAKE.encode() not in large.content + small.content
    assert large.headers["content-security-policy"].startswith("sandbox")
    assert large.headers["content-disposition"].startswith("inline")


async def test_register_is_for_supervisors_and_has_no_formulas(world: DeskWorld) -> None:
    await make(world, what="=HYPERLINK(1)\nsegunda línea", location="+56 9", place=Place(-33.45, -70.66))
    ana, sara = await world.sign_in(ANA), await world.sign_in(SARA)
    assert (await ana.get(f"{PAGE}.csv")).status_code == 403
    assert "Bajar en CSV" not in (await ana.get(PAGE)).text
    file = await sara.get(f"{PAGE}.csv")
    head, line = csv.reader(io.StringIO(file.text.removeprefix("\ufeff")), delimiter=";")
    told = dict(zip(head, line, strict=True))
    assert (told["Número"], told["Estado"], told["Fotos"]) == (NUMBER, "Recibido", "0")
    assert told["Qué pasó"] == "'=HYPERLINK(1)\nsegunda línea"
    assert (told["Dónde"], told["Latitud"]) == ("'+56 9", "'-33.450000")


async def test_list_is_filtered_and_has_pages(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.pages.complaints.page.PAGE_ROWS", 1)
    monkeypatch.setattr("bot.desk.queries.complaints.PAGE_ROWS", 1)
    first = await make(world)
    await make(world, number="285-346", what="No pasa la basura")
    async with world.sessions.begin() as session:
        await session.execute(update(Complaint).where(Complaint.id == first.id).values(state="resolved"))
    ana = await world.sign_in(ANA)

    async def shown(query: str) -> list[str]:
        return re.findall(r"Reclamo (\d{3}-\d{3})</h2>", (await ana.get(f"{PAGE}?{query}")).text)

    assert await shown("estado=resolved") == [NUMBER]
    assert await shown(f"numero={NUMBER.replace('-', '')}") == [NUMBER]
    assert await shown("numero=111-111") == []
    assert await shown("estado=feliz&equipo=x&antes=y") != []
    assert len(await shown("")) >= 1
