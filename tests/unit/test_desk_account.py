"""Tests that staff end one of their sessions or all others, and that an invalid form ends none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest

from bot.desk.pages.account import PATH, SESSIONS_PATH, AccountPage
from tests.desk_fakes import CSRF, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

ONE = UUID("0191d3a4-0000-7000-8000-000000000001")


@dataclass
class Sessions:
    """Replaces a person's sessions: none is open; ``ended`` records which were ended (None for all others)."""

    ended: list[UUID | None] = field(default_factory=list)

    async def account_changed(self, _staff: str) -> None:
        return None

    async def open_ones(self, _who: Any) -> Sequence[Any]:
        return ()

    async def end_own(self, _who: Any, session: UUID | None) -> int:
        self.ended.append(session)
        return 3 if session is None else int(session == ONE)


async def post(**form: str) -> tuple[httpx.Response, Sessions]:
    guard, sessions = gate_of(Browsers(signed_in())), Sessions()
    auth = SimpleNamespace(browsers=sessions)
    shown = pages_of(guard, agency())
    page = AccountPage(guard=guard, auth=auth, pages=shown, agency=agency(), signals=sessions)  # type: ignore[arg-type]
    async with browsing(page) as client:
        assert (await client.get(PATH)).status_code == 200
        return await client.post(SESSIONS_PATH, data={"csrf": CSRF} | form), sessions


@pytest.mark.parametrize("chosen", ["otras", str(ONE)])
async def test_chosen_sessions_end(chosen: str) -> None:
    answer, sessions = await post(sesion=chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    assert sessions.ended == [None if chosen == "otras" else ONE]


@pytest.mark.parametrize("chosen", ["", "OTRAS", "otras ", "x" * 10_000, "ñ", "0", str(UUID(int=5))])
async def test_invalid_value_never_means_all_others(chosen: str) -> None:
    answer, sessions = await post(sesion=chosen)
    assert answer.status_code == 303
    assert None not in sessions.ended


async def test_form_without_the_token_ends_nothing() -> None:
    answer, sessions = await post(sesion="otras", csrf="another")
    assert (answer.status_code, sessions.ended) == (403, [])
