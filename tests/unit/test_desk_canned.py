"""Tests saved replies: valid ones are stored, invalid ones are explained, and deletion needs only the number."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest

from bot.desk.pages.canned import PATH, CannedPage
from bot.desk.queries.canned import Canned
from bot.public_notices.board import NoticeBoard
from tests.desk_fakes import CSRF, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

SOUND = {"atajo": "hola", "equipo": "", "texto": "Hola, soy {agente}."}


@dataclass
class Replies:
    """Provides saved replies; records those that were stored and deleted."""

    kept: list[Canned] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    async def all(self) -> list[Canned]:
        return [Canned("otra", "obras", "<b>hola</b>", 4)]

    async def keep(self, canned: Canned, *, by: UUID) -> None:
        self.kept.append(canned)

    async def drop(self, id: int, *, by: UUID) -> None:
        self.dropped.append(id)


async def post(role: str = "supervisor", **form: str) -> tuple[httpx.Response, Replies]:
    guard, canned = gate_of(Browsers(signed_in(role))), Replies()
    page = CannedPage(guard=guard, pages=pages_of(guard, agency()), canned=canned, agency=agency(), board=NoticeBoard())  # type: ignore[arg-type]
    async with browsing(page) as client:
        return await client.post(PATH, data={"csrf": CSRF} | form), canned


async def test_valid_reply_is_stored() -> None:
    answer, canned = await post(**SOUND)
    assert (answer.status_code, [one.shortcut for one in canned.kept]) == (303, ["hola"])


@pytest.mark.parametrize(
    "change", [{"atajo": "Con Espacio"}, {"atajo": ""}, {"texto": " "}, {"equipo": "nadie"}, {"texto": "x" * 2001}]
)
async def test_invalid_reply_is_explained_and_changes_nothing(change: dict[str, str]) -> None:
    answer, canned = await post(**SOUND | change)
    assert (answer.status_code, canned.kept) == (422, [])
    assert "&lt;b&gt;hola&lt;/b&gt;" in answer.text


@pytest.mark.parametrize(
    ("number", "dropped"),
    [("4", 4), ("", 0), ("4 OR 1=1", 0), ("-4", 0), ("²", 0), ("9" * 16, 0), ("9" * 15, 10**15 - 1)],
)
async def test_only_a_number_deletes(number: str, dropped: int) -> None:
    _, canned = await post(**SOUND | {"id": number, "borrar": "", "seguro": "1"})
    assert (canned.dropped, canned.kept) == ([dropped], [])


async def test_deletion_is_asked_about_first() -> None:
    answer, canned = await post(**SOUND | {"id": "4", "borrar": "1"})
    assert ("¿Borrar /hola?" in answer.text, canned.dropped) == (True, [])


async def test_agent_may_use_saved_replies_but_not_change_them() -> None:
    answer, canned = await post("agent", **SOUND)
    assert (answer.status_code, canned.kept) == (403, [])
