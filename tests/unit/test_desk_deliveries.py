"""Tests how the desk shows deliveries, and that only transient failures may be retried."""

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
async def test_every_state_has_a_text_and_only_a_failure_may_be_retried(state: str) -> None:
    view = (await shown(m=Delivery(state, "busy")))["m"]
    assert view["words"].startswith(area("mesa")["entregas"][state])
    assert view["again"] is (state == "failed")


async def test_every_reason_has_a_text() -> None:
    views = await shown(**{reason: Delivery("failed", reason) for reason in REASONS})
    assert [reason for reason in REASONS if area("canales")["fallos"][reason] not in views[reason]["words"]] == []
    assert {reason for reason in REASONS if views[reason]["again"]} == WORTH_SENDING_AGAIN & set(REASONS)


async def test_unknown_reason_is_shown_as_refused_and_not_retried() -> None:
    view = (await shown(m=Delivery("failed", "new reason")))["m"]
    assert area("canales")["fallos"]["refused"] in view["words"]
    assert view["again"] is False


def test_retriable_reasons_exist() -> None:
    assert set(REASONS) >= WORTH_SENDING_AGAIN


async def test_deliveries_of_another_teams_ticket_are_hidden() -> None:
    assert await shown("8", m=Delivery("sent", "")) == {}
