"""The desk says what became of a message, and offers to send again only what may pass by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.core.texts import area
from bot.desk.api.deliveries import WORTH_SENDING_AGAIN, DeliveriesApi
from bot.tickets.outbox import Delivery
from tests.desk_fakes import Browsers, browsing, gate_of, signed_in

REASONS = sorted(area("canales")["fallos"])


class Desk:
    async def ticket_for(self, ticket_id: str, _agent: Any) -> Any:
        return SimpleNamespace(ticket=SimpleNamespace(conversation="c")) if ticket_id == "7" else None


class Outbox:
    def __init__(self, **told: Delivery) -> None:
        self.told = told

    async def deliveries(self, conversation: str) -> dict[str, Delivery]:
        assert conversation == "c"
        return self.told


async def shown(ticket: str = "7", **told: Delivery) -> dict[str, Any]:
    api = DeliveriesApi(guard=gate_of(Browsers(signed_in())), desk=Desk(), outbox=Outbox(**told))  # type: ignore[arg-type]
    async with browsing(api) as client:
        answer = await client.get(f"/desk/api/tickets/{ticket}/deliveries")
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json()["deliveries"])


@pytest.mark.parametrize("state", sorted(area("mesa")["entregas"]))
async def test_every_state_has_words_and_only_a_failure_may_be_sent_again(state: str) -> None:
    view = (await shown(m=Delivery(state, "busy")))["m"]
    assert view["words"].startswith(area("mesa")["entregas"][state])
    assert view["again"] is (state == "failed")


@pytest.mark.parametrize("reason", REASONS)
async def test_every_reason_has_words(reason: str) -> None:
    view = (await shown(m=Delivery("failed", reason)))["m"]
    assert area("canales")["fallos"][reason] in view["words"]
    assert view["again"] is (reason in WORTH_SENDING_AGAIN)


async def test_a_reason_that_we_do_not_know_is_told_as_refused_and_not_sent_again() -> None:
    view = (await shown(m=Delivery("failed", "new reason")))["m"]
    assert area("canales")["fallos"]["refused"] in view["words"]
    assert view["again"] is False


def test_what_is_worth_sending_again_are_reasons_that_exist() -> None:
    assert set(REASONS) >= WORTH_SENDING_AGAIN


async def test_of_another_teams_ticket_nothing_is_told() -> None:
    assert await shown("8", m=Delivery("sent", "")) == {}
