"""Who calls back: a request is its team's and its owner's, and its contact is shown once that is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.core.errors import TicketNotYours, TicketTaken
from bot.desk.pages.callbacks import PATH, CallbacksPage
from bot.desk.queries.callbacks import Listed, Tried
from bot.record.callback_record import NOT_REACHED, REACHED
from bot.record.tables import Callback
from bot.tickets.tickets import StaffRef
from tests.desk_fakes import ANA, CSRF, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

NOW = datetime.now(UTC)
CONTACT = "+56976543211"


@dataclass
class World:
    """One request of ``team`` whose ticket ``owner`` has; remembers what was done and told."""

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
            ticket_id="7",
            team=self.team,
            contact_kind="mobile",
            shown="•••• 3211",
            part_of_day="any",
            **facts,
        )
        return Listed(row, "web", SimpleNamespace(owner=self.owner, summary="hola"), ())  # type: ignore[arg-type]

    async def get(self, number: int) -> Listed | None:
        return self.one if number == 3 else None

    async def listed(self, teams: Any) -> list[Listed]:
        self.asked.append(tuple(teams))
        return [self.one]

    def contact(self, _one: Listed) -> str:
        return self.contact_kept

    async def report(self, _one: Listed, _staff: StaffRef, tried: Tried) -> datetime | None:
        self._mine()
        self.tries.append(tried)
        return tried.again_at

    async def transcript(self, _conversation: str) -> list[Any]:
        return [SimpleNamespace(author="citizen", at=NOW, text="<script>alert(1)</script>")]

    async def claim(self, _ticket: str, _agent: Any) -> None:
        if self.taken_by is not None:
            raise TicketTaken(owner=self.taken_by)

    async def release(self, _ticket: str, _agent: Any) -> None:
        self._mine()

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
            callbacks=self,  # type: ignore[arg-type]
            desk=self,  # type: ignore[arg-type]
            queue=self,  # type: ignore[arg-type]
            news=self,  # type: ignore[arg-type]
            agency=city,
            audit=self.audit,  # type: ignore[arg-type]
        )
        async with browsing(page) as client:
            address = f"{PATH}{path}"
            return await (client.get(address) if form is None else client.post(address, data={"csrf": CSRF} | form))


async def test_the_contact_is_shown_to_who_has_the_request_and_that_is_recorded() -> None:
    world = World()
    answer = await world.ask("/3/contacto", {})
    assert (answer.status_code, world.audit.actions) == (200, ["contact_viewed"])
    assert CONTACT in answer.text or "76543211" in answer.text.replace(" ", "")


@pytest.mark.parametrize("owner", [None, StaffRef("another", "Ana")])
async def test_nobody_else_sees_it_and_it_is_not_recorded_as_seen(owner: StaffRef | None) -> None:
    world = World(owner=owner)
    answer = await world.ask("/3/contacto", {})
    assert (answer.status_code, world.audit.rows) == (409, [])
    assert "76543211" not in answer.text.replace(" ", "")


async def test_a_contact_that_cannot_be_recorded_as_seen_is_not_shown() -> None:
    class Broken(Audit):
        async def record(self, action: str, **facts: Any) -> None:
            raise RuntimeError("no audit")

    with pytest.raises(RuntimeError):
        await World(audit=Broken()).ask("/3/contacto", {})


async def test_a_contact_that_was_deleted_is_said_to_be() -> None:
    world = World(contact_kept="")
    assert ((await world.ask("/3/contacto", {})).status_code, world.audit.rows) == (410, [])


@pytest.mark.parametrize("path", ["tomar", "soltar", "contacto", "resultado", "conversacion"])
async def test_another_teams_request_or_one_that_is_over_is_not_there(path: str) -> None:
    form = None if path == "conversacion" else {"resultado": REACHED}
    for world, number in ((World(team="aseo", owner=None), 3), (World(), 4)):
        assert ((await world.ask(f"/{number}/{path}", form)).status_code, world.audit.rows) == (404, [])


async def test_who_has_it_keeps_it_though_it_went_to_another_team() -> None:
    assert (await World(team="aseo").ask("/3/contacto", {})).status_code == 200


@pytest.mark.parametrize(("by", "words"), [("Berta <b>", "Berta &lt;b&gt;"), ("", "")])
async def test_who_comes_too_late_is_told_who_was_faster(by: str, words: str) -> None:
    world = World(taken_by=by)
    answer = await world.ask("/3/tomar", {})
    assert (answer.status_code, world.audit.rows, words in answer.text) == (409, [], True)


async def test_taking_and_giving_back_are_recorded_once_they_are_done() -> None:
    world = World()
    assert [(await world.ask(f"/3/{what}", {})).status_code for what in ("tomar", "soltar")] == [303, 303]
    assert world.audit.actions == ["ticket_claimed", "ticket_moved"]
    lost = World(lost=True)
    assert ((await lost.ask("/3/soltar", {})).status_code, lost.audit.rows) == (409, [])


@pytest.mark.parametrize(("result", "told"), [(REACHED, []), (NOT_REACHED, ["c"])])
async def test_the_citizen_is_told_only_of_a_call_in_vain(result: str, told: list[str]) -> None:
    world = World()
    answer = await world.ask("/3/resultado", {"resultado": result, "proximo": "hour", "nota": "ñ"})
    assert (answer.status_code, [one.result for one in world.tries]) == (200, [result])
    assert (world.news, world.audit.actions) == (told, ["callback_tried"])


async def test_a_result_of_who_lost_it_is_not_recorded_and_nobody_is_told() -> None:
    world = World(lost=True)
    answer = await world.ask("/3/resultado", {"resultado": NOT_REACHED, "proximo": "hour"})
    assert (answer.status_code, world.news, world.audit.rows) == (409, [], [])


async def test_the_list_is_of_a_team_one_serves_or_of_all_of_them() -> None:
    world = World(teams=("obras", "aseo"))
    for team in ("aseo", "transito", "", "'"):
        await world.ask(f"?equipo={team}")
    assert world.asked == [("aseo",), ("obras", "aseo"), ("obras", "aseo"), ("obras", "aseo")]


async def test_what_was_said_cannot_break_out_of_the_page_and_looking_is_recorded() -> None:
    world = World()
    answer = await world.ask("/3/conversacion")
    assert "<script>alert" not in answer.text
    assert world.audit.actions == ["transcript_viewed"]


@pytest.mark.parametrize("role", ["editor", "analyst"])
async def test_who_has_no_desk_sees_nothing(role: str) -> None:
    assert (await World().ask(role=role)).status_code == 403
