"""Tests that only an administrator changes a roll-out, to a valid step and share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.core.messages import Channel
from bot.desk.pages.rollout import PATH, RolloutPage
from bot.turns.rollout import Kind, Step
from tests.desk_fakes import CSRF, Audit, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency


@dataclass
class Rollout:
    """A roll-out that records what was set."""

    changes: list[tuple[Channel, Step]] = field(default_factory=list)

    async def set(self, channel: Channel, step: Step) -> None:
        self.changes.append((channel, step))


async def post(role: str = "admin", **form: str) -> tuple[httpx.Response, Rollout, Audit]:
    guard, rollout, audit = gate_of(Browsers(signed_in(role))), Rollout(), Audit()
    page = RolloutPage(guard=guard, pages=pages_of(guard, agency()), rollout=rollout, audit=audit)  # type: ignore[arg-type]
    async with browsing(page) as client:
        return await client.post(PATH, data={"csrf": CSRF} | form), rollout, audit


@pytest.mark.parametrize("percent", ["0", "1", "100"])
async def test_share_may_be_anything_from_zero_to_all(percent: str) -> None:
    answer, rollout, audit = await post(canal="telegram", paso=Kind.SHARE.value, porcentaje=percent)
    assert answer.status_code == 303
    assert rollout.changes == [(Channel.TELEGRAM, Step(Kind.SHARE, int(percent)))]
    assert [facts["percent"] for _, facts in audit.rows] == [int(percent)]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SHARE])
async def test_other_steps_need_no_share(kind: Kind) -> None:
    _, rollout, _ = await post(canal="web", paso=kind.value, porcentaje="nonsense")
    assert rollout.changes == [(Channel.WEB, Step(kind, 100))]


@pytest.mark.parametrize("percent", ["-1", "101", "", "50%", "1e1", "9" * 5000, "½", "0x10", "NaN"])
async def test_invalid_share_changes_nothing(percent: str) -> None:
    answer, rollout, audit = await post(canal="web", paso=Kind.SHARE.value, porcentaje=percent)
    assert (answer.status_code, rollout.changes, audit.rows) == (422, [], [])


@pytest.mark.parametrize(
    "form", [{}, {"canal": "web"}, {"canal": "fax", "paso": "share"}, {"canal": "web", "paso": "x"}]
)
async def test_invalid_channel_or_step_changes_nothing(form: dict[str, Any]) -> None:
    answer, rollout, _ = await post(**form)
    assert (answer.status_code, rollout.changes) == (422, [])


@pytest.mark.parametrize("role", ["agent", "supervisor", "editor", "analyst"])
async def test_other_roles_may_not_change_it(role: str) -> None:
    answer, rollout, _ = await post(role, canal="web", paso=Kind.SHARE.value, porcentaje="0")
    assert (answer.status_code, rollout.changes) == (403, [])
