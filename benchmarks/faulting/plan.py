"""Defines the options of a run and its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faulting.agents import Desk
from benchmarks.faulting.alarms import Alarms
from benchmarks.faulting.chaos import Chaos, Fault
from benchmarks.faulting.citizens import Manner
from benchmarks.faulting.evidence import Evidence
from benchmarks.faulting.growth import Sample
from benchmarks.faulting.ledger import Ledger
from benchmarks.faulting.processes import Size
from benchmarks.faulting.providers import Moods
from benchmarks.faulting.verdict import Verdict


@dataclass(frozen=True)
class Plan:
    """The options of a run: number of people, duration and faults."""

    # ``patience_s``: time that the system may take to recover. ``slower``: factor by which this machine is slower.
    # ``samples``: how often its sizes are measured. ``must``: the faults were chosen by name, so an impossible one is a
    # finding. ``spikes_every_s``: 0 raises none but those of faults.

    web: int = 30
    telegram: int = 10
    whatsapp: int = 10
    minutes: float = 10.0
    seed: int = 1
    faults: Sequence[Fault] = ()
    most_faults: int = 1000
    every_s: float = 6.0
    polled: bool = False
    patience_s: float = 300.0
    slower: float = 1.0
    manner: Manner = field(default_factory=Manner)
    in_turn: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    keep: Path | None = None
    outside_valkey: bool = False
    lying_disk: bool = False
    samples: int = 0
    must: bool = False
    spikes_every_s: float = 75.0


@dataclass
class Outcome:
    """The results of a run; ``busy`` is the share of the run in which processes waited for a processor."""

    plan: Plan
    verdict: Verdict
    chaos: Chaos
    desk: Desk
    edits: Counter[str]
    ledger: Ledger
    before: dict[str, Size]
    after: dict[str, Size]
    moods: dict[str, Moods]
    skipped: list[str]
    lasted_s: float
    busy: float
    refused: list[str]
    evidence: Evidence
    growth: list[Sample]
    alarms: Alarms
