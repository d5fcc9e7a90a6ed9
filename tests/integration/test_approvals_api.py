"""Tests the desk's API for pending approvals: who may decide, live events, audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove, Change
from bot.core.messages import Provenance, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_frames import listening

PROOF = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", 0.81)
ANSWER = Reply("Pide **hora**.", provenance=PROOF)


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto")
        await made.hire("beto@x.cl", "Beto Díaz")
        yield made


async def to_approve(world: DeskWorld, conversation: str = "c1", words: str = "la licencia?", team: str = "") -> str:
    message = await world.say(conversation, words)
    kept = AnswerToApprove(f"p-{conversation}", (ANSWER,), words, 60_000, team)
    change = Change(to_approve=kept)
    done = await world.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=change)
    assert done == "ok"
    return kept.id


async def pending(browser: httpx.AsyncClient) -> list[Any]:
    answer = await browser.get("/desk/api/proposals")
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["proposals"]
    return found


async def test_pending_approval_shows_question_answer_and_confidence(world: DeskWorld) -> None:
    ana, approval = await world.sign_in("ana@x.cl"), await to_approve(world)
    (shown,) = await pending(ana)
    assert (shown["id"], shown["words"], shown["html"]) == (
        approval,
        "la licencia?",
        "<p>Pide <strong>hora</strong>.</p>",
    )
    assert shown["questions"] == ["¿Cómo renuevo mi licencia?\u00a0· 81\u00a0%"]


@pytest.mark.parametrize(
    ("step", "decision"), [("approve", "approved"), ("reject", "rejected"), ("take-over", "taken")]
)
async def test_second_decision_names_the_first_and_the_audit_has_it(world: DeskWorld, step: str, decision: str) -> None:
    ana, beto, approval = await world.sign_in("ana@x.cl"), await world.sign_in("beto@x.cl"), await to_approve(world)
    assert (await ana.post(f"/desk/api/proposals/{approval}/{step}")).json() == {"conversation": "c1"}
    late = await beto.post(f"/desk/api/proposals/{approval}/approve")
    assert (late.status_code, late.json()["detail"]["owner"]) == (409, "Ana Soto")
    assert "Ana Soto ya decidió" in late.json()["detail"]["message"]
    assert await pending(beto) == []
    async with world.sessions() as session:
        rows = (await session.scalars(select(Audit).where(Audit.action == "proposal_decided"))).all()
    assert [(row.subject, row.detail["decision"], row.detail["entry"]) for row in rows] == [
        ("c1", decision, "licencia")
    ]


async def test_decision_on_an_expired_or_unknown_approval_names_no_agent(world: DeskWorld) -> None:
    ana = await world.sign_in("ana@x.cl")
    late = await ana.post("/desk/api/proposals/nothing/approve")
    assert (late.status_code, late.json()["detail"]["error"]) == (409, "decided")
    assert "salió sola" in late.json()["detail"]["message"]


async def test_taking_over_puts_the_conversation_on_the_agents_list_with_the_proposal(world: DeskWorld) -> None:
    ana, approval = await world.sign_in("ana@x.cl"), await to_approve(world)
    await ana.post(f"/desk/api/proposals/{approval}/take-over")
    (mine,) = (await ana.get("/desk/api/tickets")).json()["mine"]
    events = (await ana.get(f"/desk/api/tickets/{mine['id']}")).json()["events"]
    (decided,) = [one for one in events if one["kind"] == "proposal_decided"]
    assert (decided["why"], decided["owner_name"], decided["text"]) == ("taken", "Ana Soto", "Pide **hora**.")


async def test_provenance_names_who_approved_an_answer(world: DeskWorld) -> None:
    ana, approval = await world.sign_in("ana@x.cl"), await to_approve(world)
    await ana.post(f"/desk/api/proposals/{approval}/approve")
    feed = await world.inbox.events("c1")
    assert feed[-1].message.provenance == replace(PROOF, approved_by="Ana Soto")


async def test_only_roles_that_may_answer_see_and_decide(world: DeskWorld) -> None:
    await world.hire("eva@x.cl", "Eva Ríos", roles=("analyst",))
    eva, approval = await world.sign_in_elsewhere("eva@x.cl"), await to_approve(world)
    assert (await eva.get("/desk/api/proposals")).status_code == 403
    assert (await eva.post(f"/desk/api/proposals/{approval}/approve")).status_code == 403
    ana = await world.sign_in("ana@x.cl")
    del ana.headers["X-CSRF-Token"]
    assert (await ana.post(f"/desk/api/proposals/{approval}/approve")).status_code == 403
    assert len(await pending(ana)) == 1


async def test_approval_is_visible_to_its_team_and_to_supervisors(world: DeskWorld) -> None:
    await world.hire("eva@x.cl", "Eva Ríos", roles=("supervisor",), teams=("obras",))
    for email, team in (("ana@x.cl", "transito"), ("beto@x.cl", "obras")):
        await world.set_teams(email, team)
    ana, beto, eva = [await world.sign_in(f"{name}@x.cl") for name in ("ana", "beto", "eva")]
    async with listening(beto) as frames:
        approval = await to_approve(world, team="transito")
        theirs = await to_approve(world, "c2", team="obras")
        assert (await frames.until("proposal"))["id"] == theirs
    assert [len(await pending(browser)) for browser in (ana, beto, eva)] == [1, 1, 2]
    for step in ("approve", "reject", "take-over"):
        refused = await beto.post(f"/desk/api/proposals/{approval}/{step}")
        assert (refused.status_code, refused.json()["detail"]["error"]) == (409, "decided")
    assert (await ana.post(f"/desk/api/proposals/{approval}/reject")).status_code == 200
    assert (await eva.post(f"/desk/api/proposals/{theirs}/approve")).status_code == 200


async def test_approval_events_reach_the_desk_and_never_the_citizen(world: DeskWorld) -> None:
    ana = await world.sign_in("ana@x.cl")
    async with listening(ana) as frames, world.live.subscribe("c1") as citizens:
        approval = await to_approve(world)
        assert await frames.until("proposal") == {"id": approval, "decision": "", "by": ""}
        await ana.post(f"/desk/api/proposals/{approval}/approve")
        assert await frames.until("proposal") == {"id": approval, "decision": "approved", "by": "Ana Soto"}
        heard = [event.kind async for event in two_of(citizens)]
    assert heard == ["message", "message"]
    assert {event.kind for event in await world.inbox.events("c1")} == {"message"}


async def two_of(events: Any) -> AsyncIterator[Any]:
    count = 0
    async for event in events:
        yield event
        count += 1
        if count == 2:
            return
