"""Tests call-backs at the desk: visible to team and owner; the contact is shown only after the audit row is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors.tickets import TicketNotYours, TicketTaken
from bot.core.events import Event, EventKind
from bot.core.messages import Author
from bot.desk.api.search import ReadingLimits
from bot.desk.pages.callbacks.page import PATH, CallbacksPage
from bot.desk.queries.callbacks import Listed, Tried
from bot.handoff.hours import ServiceHours
from bot.record.callback_record import NOT_REACHED, REACHED
from bot.record.tables import Callback
from bot.tickets.ticket import StaffRef
from tests.desk_fakes import ANA, CSRF, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

NOW = datetime.now(UTC)
CONTACT = "+56976543211"
TICKET = "7"


@dataclass
class World:
    """Provides one request of ``team`` whose ticket belongs to ``owner``; records calls and notices."""

    team: str = "obras"
    owner: StaffRef | None = field(default_factory=lambda: StaffRef(str(ANA.id), "Ana"))
    contact_kept: str = CONTACT
    taken_by: str | None = None
    lost: bool = False
    teams: tuple[str, ...] = ("obras",)
    audit: Audit = field(default_factory=Audit)
    tries: list[Tried] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    @property
    def one(self) -> Listed:
        facts = dict.fromkeys(("asked_at", "consented_at", "due_at"), NOW)
        row = Callback(
            id=3,
            conversation_id="c",
            event_id="5-0",
            number="7-204",
            ticket_id=TICKET,
            team=self.team,
            contact_kind="mobile",
            shown="•••• 3211",
            part_of_day="any",
            **facts,
        )
        return Listed(row, "web", SimpleNamespace(owner=self.owner, summary="hola"), ())  # type: ignore[arg-type]

    async def get(self, number: int) -> Listed | None:
        return self.one if number == 3 else None

    async def listed(self, named: Any) -> list[Any]:
        """Replaces both lists: of requests by team, and of tickets by id."""
        if list(named) == [TICKET]:
            return [SimpleNamespace(ticket=SimpleNamespace(id=TICKET), matter="la patente")]
        self.asked.append(tuple(named))
        return [self.one]

    async def count_blocked(self, _teams: Any) -> int:
        return 0

    def contact(self, _one: Listed) -> str:
        return self.contact_kept

    async def report(self, _one: Listed, _staff: StaffRef, tried: Tried) -> datetime | None:
        self._mine()
        self.tries.append(tried)
        return tried.again_at

    async def past(self, _conversation: str, _agent: Any) -> Any:
        said = Event("1-0", "c", EventKind.MESSAGE, Author.CITIZEN, "<script>alert(1)</script>")
        return SimpleNamespace(events=[said])

    async def claim(self, _ticket: str, _agent: Any) -> None:
        if self.taken_by is not None:
            raise TicketTaken(owner=self.taken_by)

    async def release(self, _ticket: str, _agent: Any) -> None:
        self._mine()

    async def allow(self, *_: object) -> bool:
        return True

    async def not_reached(self, *facts: Any) -> None:
        self.news.append(facts[0])

    def _mine(self) -> None:
        if self.lost:
            raise TicketNotYours()

    async def ask(self, path: str = "", form: dict[str, str] | None = None, role: str = "agent") -> httpx.Response:
        guard, city = gate_of(Browsers(signed_in(role, teams=self.teams))), agency()
        page = CallbacksPage(
            guard=guard,
            pages=pages_of(guard, city),
            service_hours=ServiceHours(city),
            callbacks=self,  # type: ignore[arg-type]
            desk=self,  # type: ignore[arg-type]
            search=self,  # type: ignore[arg-type]
            queue=self,  # type: ignore[arg-type]
            news=self,  # type: ignore[arg-type]
            agency=city,
            audit=self.audit,  # type: ignore[arg-type]
            limits=ReadingLimits(self.allow),
        )
        async with browsing(page) as client:
            address = f"{PATH}{path}"
            return await (client.get(address) if form is None else client.post(address, data={"csrf": CSRF} | form))


async def test_contact_is_shown_to_the_owner_and_that_is_audited() -> None:
    world = World()
    answer = await world.ask("/3/contacto", {})
    assert (answer.status_code, world.audit.actions) == (200, ["contact_viewed"])
    assert CONTACT in answer.text or "76543211" in answer.text.replace(" ", "")


@pytest.mark.parametrize("owner", [None, StaffRef("another", "Ana")])
async def test_other_agents_do_not_see_it_and_no_view_is_audited(owner: StaffRef | None) -> None:
    world = World(owner=owner)
    answer = await world.ask("/3/contacto", {})
    assert (answer.status_code, world.audit.rows) == (409, [])
    assert "76543211" not in answer.text.replace(" ", "")


async def test_contact_is_not_shown_when_the_audit_fails() -> None:
    class Broken(Audit):
        async def record(self, action: str, **facts: Any) -> None:
            raise RuntimeError("no audit")

    with pytest.raises(RuntimeError):
        await World(audit=Broken()).ask("/3/contacto", {})


async def test_deleted_contact_is_shown_as_deleted() -> None:
    world = World(contact_kept="")
    assert ((await world.ask("/3/contacto", {})).status_code, world.audit.rows) == (410, [])


@pytest.mark.parametrize("path", ["tomar", "soltar", "contacto", "resultado", "conversacion"])
async def test_request_of_another_team_or_a_closed_one_is_not_found(path: str) -> None:
    form = None if path == "conversacion" else {"resultado": REACHED}
    for world, number in ((World(team="aseo", owner=None), 3), (World(), 4)):
        assert ((await world.ask(f"/{number}/{path}", form)).status_code, world.audit.rows) == (404, [])


async def test_owner_keeps_a_request_that_moved_to_another_team() -> None:
    assert (await World(team="aseo").ask("/3/contacto", {})).status_code == 200


@pytest.mark.parametrize(("by", "words"), [("Berta <b>", "Berta &lt;b&gt;"), ("", "")])
async def test_late_claim_names_the_winner(by: str, words: str) -> None:
    world = World(taken_by=by)
    answer = await world.ask("/3/tomar", {})
    assert (answer.status_code, world.audit.rows, words in answer.text) == (409, [], True)


async def test_claiming_and_releasing_are_audited_after_they_are_done() -> None:
    world = World()
    assert [(await world.ask(f"/3/{what}", {})).status_code for what in ("tomar", "soltar")] == [303, 303]
    assert world.audit.actions == ["ticket_claimed", "ticket_moved"]
    lost = World(lost=True)
    assert ((await lost.ask("/3/soltar", {})).status_code, lost.audit.rows) == (409, [])


@pytest.mark.parametrize(("result", "expected"), [(REACHED, []), (NOT_REACHED, ["c"])])
async def test_citizen_gets_a_notice_only_after_a_failed_call(result: str, expected: list[str]) -> None:
    world = World()
    answer = await world.ask("/3/resultado", {"resultado": result, "proximo": "hour", "nota": "ñ"})
    assert (answer.status_code, [one.result for one in world.tries]) == (200, [result])
    assert world.news == expected


async def test_outcome_of_a_former_owner_is_not_recorded_and_sends_no_notice() -> None:
    world = World(lost=True)
    answer = await world.ask("/3/resultado", {"resultado": NOT_REACHED, "proximo": "hour"})
    assert (answer.status_code, world.news, world.audit.rows) == (409, [], [])


async def test_list_is_of_one_served_team_or_of_all() -> None:
    world = World(teams=("obras", "aseo"))
    for team in ("aseo", "transito", "", "'"):
        await world.ask(f"?equipo={team}")
    assert world.asked == [("aseo",), ("obras", "aseo"), ("obras", "aseo"), ("obras", "aseo")]


async def test_citizens_text_cannot_break_out_of_the_page_and_viewing_is_audited() -> None:
    world = World()
    answer = await world.ask("/3/conversacion")
    assert "<script>alert" not in answer.text
    assert world.audit.actions == ["transcript_viewed"]


@pytest.mark.parametrize("role", ["editor", "analyst"])
async def test_roles_without_a_desk_see_nothing(role: str) -> None:
    assert (await World().ask(role=role)).status_code == 403
