"""Tests that a ticket moves to exactly one team or agent, and that only completed changes are audited."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors.tickets import StaffAbsent, TicketNotYours
from bot.desk.api.queue import MAX_NOTE_CHARACTERS, QueueApi
from bot.handoff.queue import AtWork
from bot.tickets.ending import Unanswered
from bot.tickets.presence import Presence, Present, Skills
from tests.desk_fakes import CSRF, OURS, Audit, Browsers, browsing, gate_of, signed_in
from tests.faq_files import agency

NOTE = {"note_id": "12345678", "text": "ojo ñ"}
TEAM = next(iter(agency().teams))


@dataclass
class World:
    """A queue that raises ``error`` or moves ticket 7 as requested; records how."""

    error: Exception | None = None
    sees: bool = True
    team: str = ""
    there: list[AtWork] = field(default_factory=list)
    done: list[tuple[Any, ...]] = field(default_factory=list)
    audit: Audit = field(default_factory=Audit)
    browsers: Browsers = field(default_factory=lambda: Browsers(signed_in()))

    def _do(self, *what: Any) -> None:
        if self.error:
            raise self.error
        self.done.append(what)

    async def claim_next(self, _agent: Any) -> Any:
        return SimpleNamespace(id="7") if self.sees else None

    async def unanswered(self, _ticket: str, _agent: Any, _over: str) -> Unanswered:
        return Unanswered()

    async def snooze(self, ticket: str, _agent: Any, _left: Unanswered) -> bool:
        self._do("snooze", ticket)
        return True

    async def wake(self, ticket: str, _agent: Any) -> None:
        self._do("wake", ticket)

    async def release(self, ticket: str, _agent: Any, note: Any = None) -> None:
        self._do("release", ticket, note and note.text)

    async def to_team(self, ticket: str, _agent: Any, team: str, note: Any) -> None:
        self._do("team", ticket, team, note and note.text)

    async def assign(self, ticket: str, _agent: Any, to: str, note: Any) -> None:
        self._do("person", ticket, to, note and note.text)

    async def take_over(self, ticket: str, _agent: Any) -> None:
        self._do("over", ticket)

    async def of_team(self, _team: str) -> list[Any]:
        return [SimpleNamespace(id="beto")]

    async def note(self, ticket: Any, _agent: Any, note: Any, named: list[str]) -> str:
        self.done.append(("note", ticket.id, note.text, *named))
        return "5-0"

    async def hand_over(self, _agent: Any) -> int:
        self.done.append(("hand over",))
        return 2

    async def heartbeat(self, _agent: Any, presence: Presence | None = None) -> Presence:
        self.done.append(("beat", presence))
        return presence or Presence.AVAILABLE

    async def at_work(self) -> list[AtWork]:
        return self.there

    async def ticket(self, ticket_id: str) -> Any:
        return SimpleNamespace(ticket=SimpleNamespace(owner=None, team="aseo", id=ticket_id))

    async def ticket_for(self, ticket_id: str, _agent: Any) -> Any:
        ticket = SimpleNamespace(id=ticket_id, team="aseo", owner=None)
        return SimpleNamespace(ticket=ticket) if self.sees and ticket_id == "7" else None

    async def ask(self, path: str, body: Any = None, method: str = "POST", **headers: str) -> httpx.Response:
        views = SimpleNamespace(ticket=lambda now, _agent: SimpleNamespace(to_data=lambda: {"id": now.ticket.id}))
        api = QueueApi(
            guard=gate_of(self.browsers),
            desk=self,  # type: ignore[arg-type]
            queue=self,  # type: ignore[arg-type]
            views=views,  # type: ignore[arg-type]
            audit=self.audit,  # type: ignore[arg-type]
            agency=agency(),
            colleagues=self,  # type: ignore[arg-type]
        )
        async with browsing(api) as client:
            return await client.request(method, f"/desk/api/{path}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "done"),
    [
        ({"team": TEAM}, ("team", "7", TEAM, None)),
        ({"staff": "beto", "note": NOTE}, ("person", "7", "beto", "ojo ñ")),
    ],
)
async def test_ticket_moves_with_an_optional_note(body: dict[str, Any], done: tuple[Any, ...]) -> None:
    world = World()
    assert (await world.ask("tickets/7/move", body)).json() == {"ticket": {"id": "7"}}
    assert (world.done, world.audit.actions) == ([done], ["ticket_moved"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"team": TEAM, "staff": "beto"},
        {"team": "nadie"},
        {"team": TEAM.upper()},
        {"team": TEAM, "note": {"note_id": "x", "text": "a"}},
        {"team": TEAM, "note": {"note_id": "12345678", "text": "x" * (MAX_NOTE_CHARACTERS + 1)}},
        {"team": TEAM, "note": {"note_id": "12345678", "text": " \x00 "}},
        {"team": ["x"]},
    ],
)
async def test_move_without_a_valid_target_is_refused(body: dict[str, Any]) -> None:
    world = World()
    answer = await world.ask("tickets/7/move", body)
    assert (answer.status_code, world.done, world.audit.rows) == (422, [], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [("snooze", None), ("wake", None), ("release", {}), ("move", {"team": TEAM}), ("take-over", None)],
)
async def test_move_of_anothers_ticket_is_refused_and_not_audited(path: str, body: Any) -> None:
    world = World(TicketNotYours(), browsers=Browsers(signed_in("supervisor")))
    answer = await world.ask(f"tickets/7/{path}", body)
    assert (answer.status_code, world.audit.rows) == (409, [])
    assert answer.json()["detail"]["error"] == ("ended" if path == "take-over" else "not_yours")


async def test_absent_agent_gets_no_ticket() -> None:
    world = World(StaffAbsent(staff="beto"))
    answer = await world.ask("tickets/7/move", {"staff": "beto"})
    assert (answer.status_code, answer.json()["detail"]["error"], world.audit.rows) == (409, "absent", [])


async def test_only_roles_that_may_reassign_take_over() -> None:
    world = World()
    assert ((await world.ask("tickets/7/take-over")).status_code, world.done) == (403, [])


async def test_ticket_that_left_the_agents_view_is_returned_as_null() -> None:
    world = World(browsers=Browsers(signed_in(teams=("obras",))))
    assert (await world.ask("tickets/7/release", {})).json() == {"ticket": None}


async def test_next_ticket_of_an_empty_queue_is_none_and_not_audited() -> None:
    empty, full = World(sees=False), World()
    assert (await empty.ask("next")).json() == {"ticket": None}
    assert (await full.ask("next")).json() == {"ticket": {"id": "7"}}
    assert (empty.audit.rows, full.audit.actions) == ([], ["ticket_claimed"])


async def test_note_needs_a_visible_ticket() -> None:
    world = World(sees=False)
    assert ((await world.ask("tickets/7/notes", NOTE)).status_code, world.done) == (404, [])
    assert (await World().ask("tickets/7/notes", NOTE)).json() == {"id": "5-0"}


async def test_end_of_a_shift_is_audited_and_a_pause_is_not() -> None:
    world = World()
    ended = await world.ask("presence", {"presence": "away", "hand_over": True})
    assert ended.json() == {"presence": "away", "handed_over": 2}
    assert (await world.ask("presence", {"presence": "busy"})).json() == {"presence": "busy", "handed_over": 0}
    assert world.audit.actions == ["shift_ended"]
    assert (await world.ask("presence", {"presence": "asleep"})).status_code == 422


async def test_heartbeat_is_no_activity_needs_no_token_and_comes_from_our_page() -> None:
    world = World()
    assert (await world.ask("heartbeat", **{"x-csrf-token": ""})).json() == {"presence": "available"}
    assert world.browsers.touched == 0
    assert (await world.ask("heartbeat", origin="https://evil.example")).status_code == 403
    assert (await world.ask("next", origin=OURS, **{"x-csrf-token": CSRF})).status_code == 200
    assert world.browsers.touched == 1


async def test_present_agents_are_listed_with_their_teams_and_languages() -> None:
    skills = Skills((TEAM, "gone"), 3, ("ht",))
    world = World(there=[AtWork(Present("1", "Ana", Presence.BUSY, skills), 2)])
    told = (await world.ask("agents", method="GET")).json()
    (one,) = told["agents"]
    assert (one["load"], one["capacity"], one["presence"]) == (2, 3, "busy")
    assert one["teams"][0] == agency().teams[TEAM]
    assert [team["id"] for team in told["teams"]] == list(agency().teams)
