"""Saves the evidence of a run, so that its findings can be investigated."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.faulting.evidence import Evidence
from benchmarks.faulting.ledger import Ledger
from benchmarks.faulting.providers import Delivery
from benchmarks.faulting.system import System
from benchmarks.faulting.told import Struck
from bot.core.events import Event


def keep(folder: Path, system: System, ledger: Ledger, found: Evidence) -> None:
    """Copies the log files; writes the citizens' messages and conversations and the event logs as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(system.home / "logs", folder / "logs", dirs_exist_ok=True)
    shutil.copy(system.folder / "launcher.log", folder)
    _write(folder / "said.jsonl", (asdict(one) for one in ledger.messages))
    pairs = ({"citizen": who, "is": name} for who, names in ledger.conversations.items() for name in names)
    _write(folder / "conversations.jsonl", pairs)
    _write(folder / "events.jsonl", (_line(event) for log in found.logs.values() for event in log))


def keep_outside(folder: Path, delivered: Iterable[Delivery], struck: Sequence[Struck]) -> None:
    """Writes the messages that the providers delivered, and the faults, as JSON lines."""
    _write(folder / "delivered.jsonl", (asdict(one) for one in delivered))
    _write(folder / "struck.jsonl", (asdict(one) | {"parts": sorted(one.parts)} for one in struck))


def _line(event: Event) -> dict[str, Any]:
    known = {"id": event.id, "conversation": event.conversation, "kind": event.kind, "author": event.author}
    return known | {"text": event.text, "facts": event.facts.to_data()}


def _write(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
