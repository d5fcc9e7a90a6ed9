"""Tests which answers wait for approval: also one with a line below it about another part of the message."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.agency.desk_settings import ApprovalRule
from bot.agency.model import Agency
from bot.core.messages import Button, Channel, CitizenMessage, Provenance, Reply
from bot.handoff.approval_policy import ApprovalPolicy
from bot.tickets.presence import Presence
from bot.turns.outcome import Decision

ANSWER = Reply("Así.", provenance=Provenance("poda", "v1", "¿Cómo?", 0.6))
OTHER = Reply("Si también preguntabas esto, tócalo.", (Button("¿Dónde?", '/choose_entry{"entry": "luz"}'),))
UNKNOWN = Reply("Para lo otro no tengo respuesta.", (Button("Persona", "/ask_human"),))
REFERRED = Reply("Sobre lo otro: lo ve otro servicio.", UNKNOWN.buttons, referral="divorcio")
MESSAGE = CitizenMessage("c", Channel.WEB, "m1", "la poda y la luz", 0)


class Everybody:
    async def everybody(self) -> list[Any]:
        return [SimpleNamespace(presence=Presence.AVAILABLE, skills=SimpleNamespace(serve=lambda _team: True))]


def policy(agency: Agency) -> ApprovalPolicy:
    agency = replace(agency, desk=replace(agency.desk, approval=ApprovalRule(0.95, 20)))
    hours = SimpleNamespace(of=lambda _team: SimpleNamespace(is_open=lambda _now: True))
    return ApprovalPolicy(agency, cast(Any, hours), cast(Any, Everybody()), lambda _entry: "")


@pytest.mark.parametrize("below", [OTHER, UNKNOWN, REFERRED])
async def test_line_below_an_unsure_answer_waits_with_it(agency: Agency, below: Reply) -> None:
    held = (await policy(agency).hold(Decision((ANSWER, below)), MESSAGE)).change.to_approve
    assert held is not None and held.replies == (ANSWER, below)


@pytest.mark.parametrize(
    "more",
    [
        Reply("¿Vives aquí?", (Button("Sí", '/tell_audience{"entry": "poda"}'),)),
        Reply("Puedes dejar un reclamo.", (Button("Dejar un reclamo", "/complaint"),)),
        Reply("Ya avisamos."),
    ],
)
async def test_answer_beside_what_says_more_does_not_wait(agency: Agency, more: Reply) -> None:
    decision = Decision((ANSWER, more))
    assert await policy(agency).hold(decision, MESSAGE) == decision


async def test_notice_beside_an_unsure_answer_is_sent_at_once(agency: Agency) -> None:
    notice = Reply("No hay agua.", notice="1.1")
    decision = await policy(agency).hold(Decision((notice, ANSWER)), MESSAGE)
    assert decision.replies[0] == notice
    assert decision.change.to_approve is not None and decision.change.to_approve.replies == (ANSWER,)
