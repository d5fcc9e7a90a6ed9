"""Tests that the citizen's card lists the newest earlier support sessions to staff who may see the ticket."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from bot.core.texts import say
from bot.desk.api.card import SHOWN, CardApi
from bot.desk.queries.callbacks import RESULTS
from bot.desk.queries.closings import Outcome, outcome_words
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Closing
from tests.desk_fakes import ANA, Audit, Browsers, browsing, gate_of, signed_in
from tests.integration.recorded import NOW, conversation, ticket

ME = str(ANA.id)
DAY = timedelta(days=1)


class Desk:
    """A desk where the agent may see ticket 7 of conversation ``c``."""

    async def ticket_for(self, ticket_id: str, _agent: Agent) -> Any:
        return SimpleNamespace(ticket=SimpleNamespace(conversation="c")) if ticket_id == "7" else None


async def card(sessions: Sessions, ticket_id: str = "7") -> tuple[httpx.Response, Audit]:
    audit = Audit()
    guard: Any = gate_of(Browsers(signed_in()))
    api = CardApi(guard=guard, desk=Desk(), sessions=sessions, audit=audit)  # type: ignore[arg-type]
    async with browsing(api) as client:
        return await client.get(f"/desk/api/tickets/{ticket_id}/card"), audit


async def test_card_lists_the_newest_earlier_support_sessions(database: Sessions) -> None:
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


async def test_card_of_an_invisible_ticket_is_refused_and_not_audited(database: Sessions) -> None:
    await conversation(database, "c")
    answer, audit = await card(database, "8")
    assert (answer.json(), audit.rows) == ({"first_seen": None, "contacts": []}, [])


async def test_card_of_a_citizen_unknown_to_the_record_is_empty(database: Sessions) -> None:
    assert (await card(database))[0].json() == {"first_seen": None, "contacts": []}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_chosen_by_an_agent_has_a_text(outcome: Outcome) -> None:
    assert outcome_words(outcome) == say(f"mesa.resultados.{outcome}")


@pytest.mark.parametrize("result", RESULTS)
def test_every_result_of_a_callback_has_a_text(result: str) -> None:
    assert outcome_words(result) == say(f"mesa.resultados_de_llamada.{result}")


@pytest.mark.parametrize("outcome", ["", "revoked", "vanished", "Solved"])
def test_other_outcomes_have_no_text(outcome: str) -> None:
    assert outcome_words(outcome) == ""
