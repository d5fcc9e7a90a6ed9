"""Tests the desk's live events: queue changes and messages of conversations with a ticket, and no others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.change import Change, Note
from bot.core.event_facts import ComplaintFacts
from bot.core.events import EventKind
from bot.core.messages import Handoff, HandoffReason, Reply, Speaker
from bot.desk.api.stream import Watched
from bot.faq.entries.problem import Problem
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.tickets.ticket import Ticket
from bot.tickets.transitions import Transitions
from tests.desk_world import PASSWORD, DeskWorld, desk_world
from tests.eventually import PATIENCE_S, eventually
from tests.integration.desk_frames import Frames, listening


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto")
        yield made


async def test_new_waiting_citizen_is_sent_live(world: DeskWorld) -> None:
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        ticket = await world.wait_for_person("persona")
        told = await frames.until("ticket")
    assert (told["change"], told["ticket"]["id"], told["ticket"]["summary"]) == ("ticket_opened", ticket.id, "persona")


async def test_messages_reach_the_desk_only_where_a_person_was_asked_for(world: DeskWorld) -> None:
    client = await world.sign_in("ana@x.cl")
    ticket = await world.wait_for_person("persona")
    async with listening(client) as frames:
        private = await world.say("otra-conversacion", "esto no es para la mesa")
        await world.answer(private, Reply("esto tampoco"))
        await world.say(ticket.conversation, "sigo esperando")
        told = await frames.until("message")
    assert (told["ticket"], told["event"]["text"]) == (ticket.id, "sigo esperando")


async def test_claiming_and_closing_are_sent_and_nothing_afterwards(world: DeskWorld) -> None:
    client = await world.sign_in("ana@x.cl")
    ticket = await world.wait_for_person("persona")
    path = f"/desk/api/tickets/{ticket.id}"
    async with listening(client) as frames:
        await client.post(f"{path}/claim")
        taken = await frames.until("ticket")
        await client.post(f"{path}/replies", json={"reply_id": "a1b2c3d4", "text": "Hola"})
        while (reply := await frames.until("message"))["event"]["author"] != "staff":
            pass
        await client.post(f"{path}/close")
        closed = await frames.until("ticket")
        await world.say(ticket.conversation, "ya con la asistente")
        world.faq.problems = (Problem("a.md", 1, "id", "Falta.", "Agrégalo."),)
        following = []
        while (frame := await frames.next())[0] != "problems" or not frame[1]:
            following.append(frame[1])
    assert taken["ticket"]["owner"] == {"name": "Ana Soto", "me": True}
    assert (reply["event"]["name"], reply["event"]["reply_id"]) == ("Ana Soto", "a1b2c3d4")
    assert (closed["change"], closed["by"], closed["ticket"]) == ("ticket_closed", "Ana Soto", None)
    assert "ya con la asistente" not in json.dumps(following)


async def test_removal_of_a_ticket_from_an_agents_list_is_sent_to_the_agent(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    await world.hire("sara@x.cl", "Sara", roles=("supervisor",))
    olga, sara = await world.sign_in("olga@x.cl"), await world.sign_in("sara@x.cl")
    me = (await olga.get("/desk/api/tickets")).json()["staff"]
    await olga.post("/desk/api/heartbeat")
    ticket = await world.wait_for_person("persona")  # for another team
    async with listening(olga) as frames:
        await sara.post(f"/desk/api/tickets/{ticket.id}/move", json={"staff": me})
        given = await frames.until("ticket")
        await sara.post(f"/desk/api/tickets/{ticket.id}/take-over", json={})
        gone = await frames.until("ticket")
    assert (given["change"], given["ticket"]["owner"]["me"]) == ("ticket_claimed", True)
    assert (gone["change"], gone["id"], gone["ticket"]) == ("ticket_returned", ticket.id, None)


async def test_broken_and_repaired_faq_file_is_sent_live(world: DeskWorld) -> None:
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        assert await frames.until("problems") == []
        world.faq.problems = (Problem("a.md", 3, "fuente", "Falta la fuente.", "Agrégala."),)
        async with asyncio.timeout(PATIENCE_S):
            told = await frames.until("problems")
        world.faq.problems = ()
        async with asyncio.timeout(PATIENCE_S):
            assert await frames.until("problems") == []
    assert told[0]["file"] == "a.md"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/desk/salir", {}),
        ("/desk/clave", {"actual": PASSWORD, "nueva": "otra frase larga", "repetida": "otra frase larga"}),
    ],
    ids=["signed out", "password changed"],
)
async def test_stream_ends_at_once_when_its_person_ends_the_session(
    world: DeskWorld, monkeypatch: Any, path: str, form: dict[str, str]
) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 10 * PATIENCE_S)
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        answer = await client.post(path, data={"csrf": client.headers["X-CSRF-Token"]} | form)
        assert answer.status_code == 303
        await frames.until("signed_out")


async def test_stream_ends_soon_after_the_session(world: DeskWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 0.1)
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        await client.post("/desk/salir", data={"csrf": client.headers["X-CSRF-Token"]})
        await frames.until("signed_out")
        assert (await frames.next())[0] == "end"


async def test_stream_restarts_once_the_account_serves_other_teams(world: DeskWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 0.1)
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        await world.set_teams("ana@x.cl", "obras")
        while (frame := await frames.next())[0] != "end":
            assert frame[0] in {"problems", "notices"}


async def test_page_hears_pings_while_nothing_happens(world: DeskWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.desk.api.tickets.PING_EVERY_S", 0.05)
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        assert await frames.until("ping") == {}


async def test_stream_needs_a_session(world: DeskWorld) -> None:
    assert (await world.browser().get("/desk/api/events")).status_code == 401


async def test_disconnected_browser_is_forgotten(world: DeskWorld) -> None:
    client = await world.sign_in("ana@x.cl")
    async with listening(client):
        assert len(world.live.subscribers[None]) == 1
    await eventually(lambda: not world.live.subscribers.get(None))


def test_ticket_is_seen_by_its_team_its_owner_and_those_who_serve_all_teams() -> None:
    ticket = Watched("12", "obras", owner="1")
    agents = (
        Agent("1", "Ana", ("aseo",)),
        Agent("2", "Olga", ("obras",)),
        Agent("3", "Eva"),
        Agent("4", "Luz", ("aseo",)),
    )
    assert [ticket.seen_by(one) for one in agents] == [True, True, True, False]


async def test_end_of_a_ticket_reaches_no_other_team(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    ana, olga = await world.sign_in("ana@x.cl"), await world.sign_in("olga@x.cl")
    others = await world.wait_for_person("persona")
    own = await world.wait_for_person("persona", handoff=Handoff(HandoffReason.ASKED_HUMAN, team="obras"))
    async with listening(olga) as frames:
        for ticket in (others, own):
            for step in ("claim", "close"):
                assert (await ana.post(f"/desk/api/tickets/{ticket.id}/{step}", json={})).status_code == 200
        told: list[Any] = []
        while ("ticket_closed", own.id) not in told:
            name, data = await frames.next()
            told += [(data["change"], data["id"])] if name == "ticket" else []
            told += [("message", data["ticket"])] if name == "message" else []
    assert others.id not in {ticket for _, ticket in told}


async def callback_and_current(world: DeskWorld, team: str, current_team: str) -> tuple[Ticket, Ticket]:
    """Creates a citizen with a due call-back of ``team``, who now waits for a person of another team."""
    phoned = await world.wait_for_person("persona", handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))
    asked = await world.say(phoned.conversation, "que me llamen")
    assert await world.inbox.commit([asked], (), speaker=Speaker.WAITING, change=Change(call_back_at=1)) == "ok"
    again = await world.say(phoned.conversation, "persona")
    await world.answer(again, handoff=Handoff(HandoffReason.ASKED_HUMAN, team=current_team))
    return phoned, next(one for one in await world.tickets.waiting() if one.conversation == phoned.conversation)


async def changes_until_said(frames: Frames, words: str) -> tuple[list[tuple[str, str]], str]:
    """Returns the changes of tickets before the message ``words``, and the ticket that the message is shown in."""
    changes = []
    while True:
        name, data = await frames.next()
        if name == "ticket":
            changes.append((data["change"], data["id"]))
        if name == "message" and data["event"]["text"] == words:
            return changes, data["ticket"]


async def test_ticket_of_a_citizen_stays_while_a_callback_of_another_team_goes_on(world: DeskWorld) -> None:
    await world.hire("luz@x.cl", "Luz", teams=("aseo",))
    ana, luz = await world.sign_in("ana@x.cl"), await world.sign_in("luz@x.cl")
    async with listening(luz) as early:
        phoned, current = await callback_and_current(world, "obras", "aseo")
        async with listening(luz) as late:
            assert await Transitions(world.redis).enqueue_due_callback(phoned.id)
            for step in ("claim", "close"):
                assert (await ana.post(f"/desk/api/tickets/{phoned.id}/{step}", json={})).status_code == 200
            await world.say(current.conversation, "sigo esperando")
            assert await changes_until_said(late, "sigo esperando") == ([], current.id)
        assert await changes_until_said(early, "sigo esperando") == ([("ticket_opened", current.id)], current.id)


async def test_callback_that_leaves_a_team_is_told_beside_the_citizens_current_ticket(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    await world.hire("sara@x.cl", "Sara", roles=("supervisor",))
    sara, olga = await world.sign_in("sara@x.cl"), await world.sign_in("olga@x.cl")
    phoned, _ = await callback_and_current(world, "obras", "aseo")
    assert await Transitions(world.redis).enqueue_due_callback(phoned.id)
    async with listening(olga) as frames:
        moved = await sara.post(f"/desk/api/tickets/{phoned.id}/move", json={"team": "aseo"})
        assert moved.status_code == 200, moved.text
        async with asyncio.timeout(PATIENCE_S):
            gone = await frames.until("ticket")
    assert (gone["change"], gone["id"], gone["ticket"]) == ("ticket_returned", phoned.id, None)


async def files_complaint(world: DeskWorld, number: str, team: str) -> None:
    message = await world.say("c-" + number, "enviar")
    facts = ComplaintFacts(number, team, "un hoyo")
    change = Change(note=Note(EventKind.COMPLAINT_FILED, facts))
    done = await world.inbox.commit([message], (Reply("Listo."),), speaker=Speaker.ASSISTANT, change=change)
    assert done == "ok"


async def test_new_complaint_is_sent_to_staff_who_serve_its_team(world: DeskWorld) -> None:
    await world.set_teams("ana@x.cl", "obras")
    client = await world.sign_in("ana@x.cl")
    async with listening(client) as frames:
        await files_complaint(world, "111-111", "transito")
        await files_complaint(world, "179-610", "obras")
        assert await frames.until("complaint") == {"number": "179-610"}
