"""Renders the measurements as Markdown."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.end_to_end.load import CLIENT, Level
from benchmarks.material import markdown

COLUMNS = ("citizens at once", "messages", "messages a second", "p50, ms", "p95, ms")
OURS, STOCK = "Ventanilla", "stock Rasa"


def speed(levels: Mapping[str, Sequence[Level]]) -> str:
    """Renders each assistant's levels, then the ratios of our numbers to those of stock Rasa."""
    rows = [
        (name, one.citizens, len(one.times_s), _number(one.rate), _number(one.ms(0.5)), _number(one.ms(0.95)))
        for name, measured in levels.items()
        for one in measured
    ]
    pairs = zip(levels.get(OURS, ()), levels.get(STOCK, ()), strict=False)
    rows += [
        (
            "**ratio**",
            ours.citizens,
            "",
            _times(ours.rate / stock.rate),
            *(_times(ours.ms(share) / stock.ms(share)) for share in (0.5, 0.95)),
        )
        for ours, stock in pairs
    ]
    return markdown(("", *COLUMNS), rows)


def processor(levels: Mapping[str, Sequence[Level]]) -> str:
    """Renders the processor milliseconds per message: of each part, and of all parts except the simulated citizens."""
    rows = []
    for name, measured in levels.items():
        for part in measured[0].processor_s:
            rows.append((name, part, *(_number(one.processor_ms(part)) for one in measured)))
        without = [sum(map(one.processor_ms, one.processor_s)) - one.processor_ms(CLIENT) for one in measured]
        rows.append((name, "**all but the citizens**", *map(_number, without)))
    sizes = [f"{one.citizens} at once" for one in next(iter(levels.values()))]
    return markdown(("", "processor ms a message", *sizes), rows)


def progress(line: str) -> None:
    """Prints a line of progress to standard error, with the time of day."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def machine() -> str:
    """Describes the machine and its load, which the measurements depend on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores ({model or platform.machine()}); load when it began: {load:.1f}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _times(value: float) -> str:
    return f"{value:.2f} x"
