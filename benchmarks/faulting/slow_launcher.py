"""Runs ``ventanilla`` with start timeouts multiplied by FAULTS_SLOWER, for very slow machines."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.cli.main import main
from bot.run import system
from bot.run.part import Part

SLOWER = "FAULTS_SLOWER"
MADE_BY = ("valkey_part", "postgres_part", "actions_part", "rasa_part", "bot_part")


def slowed(make: Callable[..., Part], times: float) -> Callable[..., Part]:
    def made(*given: Any, **named: Any) -> Part:
        part = make(*given, **named)
        return replace(part, patience_s=part.patience_s * times)

    return made


if __name__ == "__main__":
    for name in MADE_BY:
        setattr(system, name, slowed(getattr(system, name), float(os.environ[SLOWER])))
    main()
