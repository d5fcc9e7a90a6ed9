"""Defines the faults in which a replica of Valkey takes over; writes that the replica does not have yet are lost."""

from __future__ import annotations

import asyncio
import time

from benchmarks.faulting.chaos import Fault, Scene
from benchmarks.faulting.system import OUTSIDE

BEHIND_S = 1.0
DOWN_S = 2.0


def failed_over(name: str, behind_s: float) -> Fault:
    async def strike(scene: Scene) -> str:
        pair = scene.system.outside
        if pair is None:
            raise LookupError(OUTSIDE)
        began = time.monotonic()
        await asyncio.to_thread(pair.fail_over, behind_s, DOWN_S)
        scene.lost.append((began, began + behind_s))
        pair.add_replica()
        await asyncio.to_thread(pair.wait_synced)
        return ""

    return Fault(name, frozenset({"valkey"}), strike, needs=OUTSIDE)


FAILOVERS = (
    failed_over("Valkey failed over", 0.0),
    failed_over("Valkey failed over, its replica 1 s behind", BEHIND_S),
)
