"""Tests the texts of notices to staff, the nicknames of citizens, and who learns that an agent reads a ticket."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from bot.desk.api.notices import NoticesApi
from bot.desk.views.nickname import nickname_of
from bot.desk.views.notices import notice_view
from bot.tickets.staff_notices import StaffNotice
from tests.desk_fakes import Browsers, browsing, gate_of, signed_in


def notice(kind: str, **facts: str) -> StaffNotice:
    told = {"kind": kind, "ticket": "7", "conversation": "c1", "by": "Eva", "at": 5} | facts
    return StaffNotice.from_json("5-7-x", json.dumps(told))


def test_nickname_is_stable_and_distinguishes_people() -> None:
    assert nickname_of("c1") == nickname_of("c1")
    assert len({nickname_of(f"c{number}") for number in range(100)}) > 80


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (notice("named"), "Eva te dejó una nota en {persona}."),
        (notice("given"), "Eva te pasó a {persona}."),
        (notice("taken", to="Eva"), "Eva tomó a {persona}, que atendías tú."),
        (notice("taken", to="Ana"), "Eva le pasó a Ana a {persona}, que atendías tú."),
        (notice("requeued"), "Eva devolvió a la fila a {persona}, que atendías tú."),
        (notice("vanished", by=""), "{persona} volvió a la fila: se cortó tu conexión. Se le avisó."),
    ],
)
def test_notice_states_who_did_what(made: StaffNotice, words: str) -> None:
    assert notice_view(made).words == words.format(persona=f"{nickname_of('c1')} #7")


def test_notice_carries_its_note() -> None:
    view = notice_view(notice("given", text="ya habló contigo"))
    assert (view.id, view.ticket, view.text, view.at) == ("5-7-x", "7", "ya habló contigo", 5)


class Desk:
    """A desk with ticket 7, which waits, and ticket 8, which an agent has; records who read which ticket."""

    def __init__(self) -> None:
        self.looked: list[tuple[str, str]] = []

    async def ticket_for(self, ticket_id: str, _agent: Any) -> Any:
        owners = {"7": None, "8": "beto"}
        if ticket_id not in owners:
            return None
        return SimpleNamespace(ticket=SimpleNamespace(id=ticket_id, owner=owners[ticket_id]))

    async def looking(self, ticket: Any, agent: Any) -> None:
        self.looked.append((ticket.id, agent.name))


async def test_only_a_visible_waiting_ticket_signals_its_reader() -> None:
    desk, nobody = Desk(), SimpleNamespace()
    guard: Any = gate_of(browsers := Browsers(signed_in()))
    api = NoticesApi(guard=guard, desk=desk, notices=nobody, colleagues=nobody)  # type: ignore[arg-type]
    async with browsing(api) as client:
        told = [(await client.post(f"/desk/api/tickets/{ticket}/looking")).status_code for ticket in ("7", "8", "9")]
        refused = await client.post("/desk/api/tickets/7/looking", headers={"Origin": "https://evil.example"})
    assert (told, refused.status_code, desk.looked) == ([204, 204, 204], 403, [("7", "Ana Soto")])
    assert browsers.touched == 0  # an open page keeps no session alive
