"""Tests the fault harness of benchmarks/ with a few citizens and faults: nothing is lost, and all parts recover."""

from __future__ import annotations

import pytest

from benchmarks.faulting import chaos, cuts
from benchmarks.faulting.network import Cut
from benchmarks.faulting.plan import Plan
from benchmarks.faulting.run import Run, to_stderr
from benchmarks.faulting.table import rendered
from tests.eventually import LONG_PATIENCE_S

FAULTS = (
    chaos.kill("bot", "valkey", "postgres"),
    chaos.stop("bot"),
    cuts.cut("bot", "valkey", Cut.SILENT),  # this and the next are left out where they are not possible
    chaos.disk_full("logs", 5.0),
)


@pytest.mark.timeout(LONG_PATIENCE_S + 300)
async def test_nothing_is_lost_when_parts_are_killed_stopped_cut_off_or_cannot_write_logs() -> None:
    plan = Plan(
        web=4,
        telegram=2,
        whatsapp=2,
        minutes=0,
        faults=FAULTS,
        in_turn=True,
        every_s=2.0,
        slower=4.0,
        patience_s=LONG_PATIENCE_S,
        spikes_every_s=0.0,
    )
    outcome = await Run(plan, to_stderr)()
    assert outcome.ledger.acknowledged() and outcome.edits["published"], rendered(outcome)
    assert outcome.verdict.passed, rendered(outcome)
