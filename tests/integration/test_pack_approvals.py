"""Tests that a pack is approved before a crisis, for the contents that the approver read, and the page shows it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.settings import ROOT
from bot.desk.auth.guard import Refused
from bot.desk.crisis.approvals import PackApprovals, hash_of
from bot.desk.crisis.packs import Pack, packs
from bot.desk.pages.notices.page import PATH
from bot.record.engine import Sessions
from bot.record.tables import Audit, Staff
from tests.desk_fakes import signed_in
from tests.desk_world import DeskWorld, desk_world
from tests.integration.notices_desk import JUAN, LEO, ROSA, press, written

NAME = "estafa"
PACK = packs(ROOT / "data")[NAME]


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        for email, name, role in ((ROSA, "Rosa", "supervisor"), (JUAN, "Juan", "supervisor"), (LEO, "Leo", "agent")):
            await made.hire(email, name, (role,))
        yield made


async def audited(world: DeskWorld, action: str) -> list[tuple[str, str, Any]]:
    async with world.sessions() as session:
        query = select(Staff.name, Audit.subject, Audit.detail).join(Staff, Staff.id == Audit.staff_id)
        return [tuple(row) for row in await session.execute(query.where(Audit.action == action).order_by(Audit.id))]


async def test_shipped_packs_are_unapproved_and_one_person_approves_what_they_read(world: DeskWorld) -> None:
    rosa, leo = await world.sign_in(ROSA), await world.sign_in(LEO)
    page = (await rosa.get(PATH, params={"paquete": NAME})).text
    assert page.count('class="draft">Sin aprobar') == 6
    read = re.search(r'name="leido" value="([^"]+)"', page)
    assert read and read[1] == hash_of(PACK)
    assert (await press(rosa, que="aprobar", paquete=NAME, leido="otra cosa")).status_code == 409
    assert (await press(rosa, que="aprobar", paquete=NAME, leido=read[1])).status_code == 303
    page = (await rosa.get(PATH, params={"paquete": NAME})).text
    assert re.search(r"Aprobado por Rosa el \d\d-\d\d-\d{4} a las \d\d:\d\d\.", page)
    assert page.count('class="draft">Sin aprobar') == 5
    assert (await leo.post(PATH, data={"que": "aprobar", "paquete": NAME, "leido": read[1]})).status_code == 403
    assert [(name, subject) for name, subject, _ in await audited(world, "pack_approved")] == [("Rosa", NAME)]


async def test_unapproved_pack_can_be_used_is_marked_and_still_needs_the_second_person(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    for approved in (False, True):
        named = await written(world, rosa, paquete=NAME)
        assert ("Este paquete está sin aprobar" in (await juan.get(PATH)).text) is not approved
        assert (await press(rosa, que="publicar", **named)).status_code == 409
        assert (await press(juan, que="publicar", **named)).status_code == 303
        await press(rosa, que="aprobar", paquete=NAME, leido=hash_of(PACK))
    rows = await audited(world, "notice_published")
    told = [(name, detail["pack"], detail["pack_approved"]) for name, _, detail in rows]
    assert told == [("Juan", NAME, False), ("Juan", NAME, True)]


async def test_changed_pack_is_unapproved_and_approved_again_when_it_is_changed_back(world: DeskWorld) -> None:
    async with world.sessions() as session:
        staff = (await session.scalars(select(Staff).where(Staff.email == ROSA))).one()
    approvals, by = PackApprovals(world.sessions), signed_in("supervisor", id=staff.id, name=staff.name)
    for _ in range(2):
        await approvals.approve(NAME, PACK, hash_of(PACK), by)
    changed = PACK.model_copy(update={"lista": (*PACK.lista, "Llamar a la alcaldía.")})
    with pytest.raises(Refused):
        await approvals.approve(NAME, changed, hash_of(PACK), by)
    found = [list(await approvals.of({NAME: one})) for one in (PACK, changed, PACK)]
    assert found == [[NAME], [], [NAME]]
    assert await approvals.of({"otro": PACK}) == {}


def test_hash_is_of_the_contents_not_of_the_file() -> None:
    text = (ROOT / "data" / "crisis" / f"{NAME}.yml").read_text(encoding="utf-8")
    again = yaml.safe_dump(dict(reversed(yaml.safe_load(text).items())), allow_unicode=True)
    assert hash_of(Pack.model_validate(yaml.safe_load(again))) == hash_of(PACK)
