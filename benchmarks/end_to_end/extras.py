"""Runs those additional measurements of our assistant that the command line requests."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.end_to_end import burst, growth, profile
from benchmarks.end_to_end.ours import Ours
from benchmarks.end_to_end.questions import Conversation
from benchmarks.end_to_end.report import progress
from bot.faq.entries.entry import Entry


async def extras(
    options: argparse.Namespace, ours: Ours, asked: Sequence[Conversation], entries: Sequence[Entry], folder: Path
) -> list[str]:
    """Runs the measurements and returns the report's sections; growth comes last, since it fills queue and record."""
    sections, questions = [], [text for conversation in asked for text in conversation]
    if options.profile:
        progress("profile")
        sections.append("## Profile\n\n" + await profile.profile(ours, asked, folder))
    if options.burst:
        progress(f"burst of {options.burst:.0f} s")
        measured = await burst.burst(ours, questions, options.burst)
        sections.append("## Burst\n\n" + burst.table(measured))
    if options.growth:
        entry_questions = [entry.question for entry in entries]
        progress(f"a conversation of {options.long} messages")
        costs = await growth.short_and_long(ours, entry_questions, options.long)
        progress(f"{options.waiting} waiting, {options.recorded} messages recorded")
        sizes = {"waiting": options.waiting, "recorded": options.recorded}
        rows = await growth.desk(ours, questions, [entry.body for entry in entries], **sizes)
        sections.append("## Growth\n\n" + growth.table(costs, rows, long=options.long, **sizes))
    return sections
