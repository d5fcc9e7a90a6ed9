"""The citizen's card tells the newest attentions before this one, to who may see the ticket."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from bot.core.texts import say
from bot.desk.api.card import SHOWN, CardApi, outcome_words
from bot.desk.queries.closings import Outcome
from bot.handoff.service import Agent
from bot.record.engine import Sessions
from bot.record.tables import Closing
from tests.desk_fakes import ANA, Audit, Browsers, browsing, gate_of, signed_in
from tests.integration.recorded import NOW, conversation, ticket

ME = str(ANA.id)
DAY = timedelta(days=1)


class Desk:
    """Ticket 7 of conversation ``c`` is this agent's to see."""

    async def ticket_for(self, ticket_id: str, _agent: Agent) -> Any:
        return SimpleNamespace(ticket=SimpleNamespace(conversation="c")) if ticket_id == "7" else None


async def card(sessions: Sessions, ticket_id: str = "7") -> tuple[httpx.Response, Audit]:
    audit = Audit()
    guard: Any = gate_of(Browsers(signed_in()))
    api = CardApi(guard=guard, desk=Desk(), sessions=sessions, audit=audit)  # type: ignore[arg-type]
    async with browsing(api) as client:
        return await client.get(f"/desk/api/tickets/{ticket_id}/card"), audit


async def test_a_card_tells_the_newest_attentions_before_this_one(database: Sessions) -> None:
    await conversation(database, "c")
    await ticket(database, "7", "c", state="claimed")
    for number in range(SHOWN + 2):
        facts = {"opened_at": NOW - number * DAY, "outcome": "solved", "owner_name": f"A{number}"}
        await ticket(database, f"old{number}", "c", **facts)
    rows = [{"ticket_id": "old0", "staff_id": ME, "outcome": "solved", "topic": "bache", "summary": "ñ"}]
    async with database.begin() as session:
        await session.execute(insert(Closing).values(rows))
    answer, audit = await card(database)
    contacts = answer.json()["contacts"]
    assert [one["name"] for one in contacts] == [f"A{number}" for number in range(SHOWN)]
    assert (contacts[0]["topic"], contacts[0]["summary"], contacts[1]["topic"]) == ("bache", "ñ", "")
    assert answer.json()["first_seen"] == int((NOW - 3 * DAY).timestamp() * 1000)
    assert audit.actions == ["transcript_viewed"]


async def test_who_may_not_see_the_ticket_learns_nothing_and_nothing_is_recorded(database: Sessions) -> None:
    await conversation(database, "c")
    answer, audit = await card(database, "8")
    assert (answer.json(), audit.rows) == ({"first_seen": None, "contacts": []}, [])


async def test_of_somebody_whom_the_record_does_not_know_yet_nothing_is_told(database: Sessions) -> None:
    assert (await card(database))[0].json() == {"first_seen": None, "contacts": []}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_end_by_hand_has_words(outcome: Outcome) -> None:
    assert outcome_words(outcome) == say(f"mesa.resultados.{outcome}")


@pytest.mark.parametrize("outcome", ["", "revoked", "vanished", "Solved"])
def test_any_other_end_has_none(outcome: str) -> None:
    assert outcome_words(outcome) == ""
