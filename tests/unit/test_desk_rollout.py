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

CLOSED = Step(Kind.OFF)


@dataclass
class Rollout:
    """A roll-out that records what was set; ``now`` is the step of every channel."""

    now: Step
    changes: list[tuple[Channel, Step]] = field(default_factory=list)

    async def steps(self) -> dict[Channel, Step]:
        return dict.fromkeys(Channel, self.now)

    async def set(self, channel: Channel, step: Step) -> None:
        self.changes.append((channel, step))


async def post(role: str = "admin", now: Step = CLOSED, **form: str) -> tuple[httpx.Response, Rollout, Audit]:
    guard, rollout, audit = gate_of(Browsers(signed_in(role))), Rollout(now), Audit()
    fakes: Any = {"rollout": rollout, "audit": audit}
    page = RolloutPage(guard=guard, pages=pages_of(guard, agency()), agency=agency(), connected=(Channel.WEB,), **fakes)
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


@pytest.mark.parametrize(
    ("now", "form", "question"),
    [
        (Step(), {"paso": "off"}, "¿Cerrar Telegram?"),
        (Step(Kind.SHARE, 50), {"paso": "staff"}, "¿Dejar Telegram sólo para el equipo?"),
        (Step(Kind.SHARE, 50), {"paso": "share", "porcentaje": "20"}, "¿Dejar Telegram abierto sólo al 20\u00a0%?"),
        (Step(Kind.SHARE, 50), {"paso": "share", "porcentaje": "50"}, ""),
        (Step(Kind.SHARE, 50), {"paso": "on"}, ""),
        (Step(Kind.OFF), {"paso": "staff"}, ""),
    ],
)
async def test_closing_to_citizens_is_asked_about_first(now: Step, form: dict[str, str], question: str) -> None:
    answer, rollout, audit = await post(now=now, canal="telegram", **form)
    assert (question in answer.text, answer.status_code) == (True, 200 if question else 303)
    assert (bool(rollout.changes), bool(audit.rows)) == (not question, not question)
    _, rollout, _ = await post(now=now, canal="telegram", seguro="1", **form)
    assert [step.kind for _, step in rollout.changes] == [form["paso"]]


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
async def test_other_roles_may_not_change_the_roll_out(role: str) -> None:
    answer, rollout, _ = await post(role, canal="web", paso=Kind.SHARE.value, porcentaje="0")
    assert (answer.status_code, rollout.changes) == (403, [])
