"""Runs ``ventanilla`` with parts that faults can act on: each in its own control group and with its own clock.

FAULTS_GROUPS is the prefix of the groups' paths, FAULTS_CLOCKS the folder of the clocks; without one of them, parts
share the launcher's group or the machine's clock. FAULTS_SLOWER multiplies the time that parts may take to start, 1 by
default.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.faulting.clocks import faked
from benchmarks.faulting.network import in_group
from bot.cli.main import main
from bot.run import system
from bot.run.part import Part
from bot.store.accounts import BOT, COMMANDS

SLOWER, GROUPS, CLOCKS = "FAULTS_SLOWER", "FAULTS_GROUPS", "FAULTS_CLOCKS"
MADE_BY = ("valkey_part", "postgres_part", "actions_part", "rasa_part", "bot_part")


def reached(make: Callable[..., Part]) -> Callable[..., Part]:
    """Wraps a function that builds a part, and gives the part the group, clock and patience set in the environment."""
    groups, clocks = os.environ.get(GROUPS), os.environ.get(CLOCKS)

    def made(*given: Any, **named: Any) -> Part:
        part = make(*given, **named)
        command = in_group(part.command, f"{groups}{part.name}") if groups else part.command
        env = faked(os.environ if part.env is None else part.env, part.name, clocks) if clocks else part.env
        patience_s = part.patience_s * float(os.environ.get(SLOWER, "1"))
        return replace(part, command=command, env=env, patience_s=patience_s)

    return made


if __name__ == "__main__":
    for name in MADE_BY:
        setattr(system, name, reached(getattr(system, name)))
    COMMANDS[BOT].append("config|set")  # with which a fault leaves Valkey no memory
    main()
