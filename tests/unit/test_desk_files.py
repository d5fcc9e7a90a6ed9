"""Tests that a citizen's file opens for the attending agent, by a link valid for a minute, and is always saved."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.conversation.files import Files
from bot.desk.api.files import LINK_S, PATH, FilesApi
from bot.tickets.ticket import StaffRef
from tests.desk_fakes import ANA, Audit, Browsers, browsing, gate_of, signed_in
from tests.pictures import picture

PDF = b"%PDF-1.7 hola"


@dataclass
class Desk:
    """A desk with one open ticket of conversation ``c``, and the ticket's owner."""

    owner: StaffRef | None = field(default_factory=lambda: StaffRef(str(ANA.id), "Ana"))

    async def ticket_of(self, conversation: str) -> Any:
        ticket = SimpleNamespace(id="7", owner=self.owner)
        return SimpleNamespace(ticket=ticket) if conversation == "c" else None


@dataclass
class World:
    home: Path
    desk: Desk = field(default_factory=Desk)
    audit: Audit = field(default_factory=Audit)
    browsers: Browsers = field(default_factory=lambda: Browsers(signed_in()))

    def __post_init__(self) -> None:
        self.files = Files(self.home)
        self.api = FilesApi(
            guard=gate_of(self.browsers),
            desk=self.desk,  # type: ignore[arg-type]
            files=self.files,
            audit=self.audit,  # type: ignore[arg-type]
            secret="s" * 40,
        )

    async def keep(self, name: str = "boleta.pdf", content: bytes = PDF) -> str:
        return (await self.files.keep("c", name, content)).id

    async def get(self, *paths: str) -> list[httpx.Response]:
        async with browsing(self.api) as client:
            return [await client.get(path) for path in paths]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_attending_agent_is_redirected_to_the_file_and_that_is_audited(world: World) -> None:
    (link,) = await world.get(f"{PATH}/c/{await world.keep()}")
    assert (link.status_code, world.audit.actions) == (303, ["file_opened"])
    (file,) = await world.get(link.headers["location"])
    assert file.content == PDF
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_other_agents_get_no_link(world: World) -> None:
    file = await world.keep()
    for world.desk.owner in (None, StaffRef("somebody else", "Ana")):
        (refused,) = await world.get(f"{PATH}/c/{file}")
        assert refused.json()["detail"]["error"] == "not_yours"
    (ended,) = await world.get(f"{PATH}/other/{file}")
    assert (ended.status_code, world.audit.rows) == (404, [])


async def test_link_works_for_the_agent_it_was_made_for(world: World) -> None:
    (link,) = await world.get(f"{PATH}/c/{await world.keep()}")
    world.browsers.who = signed_in(id=type(ANA.id)(int=8))
    (refused,) = await world.get(link.headers["location"])
    assert (refused.status_code, refused.json()["detail"]["error"]) == (403, "expired")


async def test_link_of_another_file_time_or_conversation_is_invalid(world: World) -> None:
    file = await world.keep()
    (link,) = await world.get(f"{PATH}/c/{file}")
    *_, ends, sign = link.headers["location"].split("/")
    other = await world.keep("otra.pdf")
    forged = [
        f"{PATH}/c/{other}/{ends}/{sign}",
        f"{PATH}/d/{file}/{ends}/{sign}",
        f"{PATH}/c/{file}/{int(ends) + 1}/{sign}",
        f"{PATH}/c/{file}/{ends}/{sign[:-1]}",
        f"{PATH}/c/{file}/{ends}/ñ",
        f"{PATH}/c/{file}/{'9' * 400}/{sign}",
    ]
    assert [answer.status_code for answer in await world.get(*forged)] == [403] * len(forged)


async def test_link_expires_after_a_minute(world: World) -> None:
    file = await world.keep()
    signs = [
        (ends, world.api._sign("c", file, str(ANA.id), ends)) for ends in (int(time.time()) + 30, int(time.time()) - 1)
    ]
    answers = await world.get(*(f"{PATH}/c/{file}/{ends}/{sign}" for ends, sign in signs))
    assert ([answer.status_code for answer in answers], LINK_S) == ([200, 403], 60)


async def test_deleted_file_gives_an_error(world: World) -> None:
    file = await world.keep()
    (link,) = await world.get(f"{PATH}/c/{file}")
    assert await world.files.forget_older(time.time() + 10) == 1
    (gone,) = await world.get(link.headers["location"])
    assert (gone.status_code, gone.json()["detail"]["error"]) == (404, "gone")


@pytest.mark.parametrize("end", ["", ".json"])
@pytest.mark.parametrize("content", [b"", b"\x02vf1", None])
async def test_damaged_file_gives_an_error(world: World, end: str, content: bytes | None) -> None:
    photo = await world.keep("foto.png", picture())
    (link,) = await world.get(f"{PATH}/c/{photo}")
    path = world.home / "c" / f"{photo}{end}"
    path.write_bytes(path.read_bytes()[:-1] if content is None else content)
    answers = await world.get(link.headers["location"], f"{PATH}/c/{photo}/vista")
    assert [one.status_code for one in answers] == [404, 404]


async def test_photo_is_shown_in_place_to_the_attending_agent_only(world: World) -> None:
    photo, paper = await world.keep("foto.png", picture()), await world.keep()
    shown, refused = await world.get(f"{PATH}/c/{photo}/vista", f"{PATH}/c/{paper}/vista")
    assert (shown.content, shown.headers["content-type"], refused.status_code) == (picture(), "image/png", 404)
    assert shown.headers["content-disposition"].startswith("inline; filename=")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (shown.headers["x-content-type-options"], world.audit.actions) == ("nosniff", ["file_opened"])
    world.desk.owner = StaffRef("somebody else", "Ana")
    (refused,) = await world.get(f"{PATH}/c/{photo}/vista")
    assert refused.json()["detail"]["error"] == "not_yours"
