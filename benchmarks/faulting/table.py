"""Renders a run as Markdown: verdict, recovery times per fault, memory and open files per part, and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from benchmarks.faulting.growth import PER_MESSAGES, table
from benchmarks.faulting.plan import Outcome
from benchmarks.faulting.told import GIVEN_UP, KILLED, LIED, LOST, Struck
from benchmarks.faulting.verdict import Verdict

SHOWN = 8
TOLD = (LIED, KILLED, GIVEN_UP, LOST, "rows not written in order")


def rendered(outcome: Outcome) -> str:
    return "\n".join(
        [*_run(outcome), "", *_verdict(outcome.verdict), "", *_faults(outcome), "", *_sizes(outcome), *_lines(outcome)]
    )


def _run(outcome: Outcome) -> Iterator[str]:
    plan, channels = outcome.plan, Counter(one.channel for one in outcome.ledger.acknowledged())
    yield f"{plan.web} citizens on the web, {plan.telegram} on Telegram, {plan.whatsapp} on WhatsApp;"
    yield f"seed {plan.seed}, {outcome.lasted_s / 60:.1f} minutes, {len(outcome.chaos.struck)} faults."
    yield f"The machine: processes waited for a processor in {outcome.busy:.0%} of the time."
    yield "Acknowledged: " + ", ".join(f"{name} {count}" for name, count in sorted(channels.items())) + "."
    for name, moods in outcome.moods.items():
        yield f"{name}: " + ", ".join(f"{mood} {count}" for mood, count in sorted(moods.counted.items())) + "."
    yield "Agents: " + ", ".join(f"{what} {count}" for what, count in sorted(outcome.desk.counted.items())) + "."
    yield "Editor: " + ", ".join(f"{what} {count}" for what, count in sorted(outcome.edits.items())) + "."
    yield "Files: " + ", ".join(f"{status} {count}" for status, count in sorted(outcome.ledger.files.items())) + "."
    if outcome.skipped:
        yield "Not possible here: " + ", ".join(outcome.skipped) + "."


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield from ("| what | how many |", "|---|---|")
    for name, count in verdict.counted.items():
        yield f"| {name} | {count:,} |"
    others = [kind for kind in verdict.findings if kind not in {*verdict.GRAVE, *TOLD} and verdict.findings[kind]]
    for kind in (*verdict.GRAVE, *TOLD, *others):
        yield f"| {kind} | {len(verdict.findings.get(kind, ()))} |"


def _faults(outcome: Outcome) -> Iterator[str]:
    acks = sorted(one.acknowledged_at for one in outcome.ledger.messages if one.acknowledged_at is not None)
    yield from ("| fault | times | back to health after | longest without an acknowledgement |", "|---|---|---|---|")
    for name, times in sorted(Counter(one.name for one in outcome.chaos.struck).items()):
        gaps = [gap_s(acks, one) for one in outcome.chaos.struck if one.name == name]
        yield f"| {name} | {times} | {_span(outcome.chaos.back_s.get(name, []))} | {_span(gaps)} |"


def gap_s(acks: Sequence[float], fault: Struck) -> float:
    """Returns the longest time without an acknowledgement that overlaps the fault, in seconds."""
    pairs = pairwise([*acks, fault.ended])
    return max((after - before for before, after in pairs if before <= fault.ended and after >= fault.began), default=0)


def _span(seconds: list[float]) -> str:
    if not seconds:
        return "not"
    return f"{min(seconds):.1f} to {max(seconds):.1f} s" if len(seconds) > 1 else f"{seconds[0]:.1f} s"


def _sizes(outcome: Outcome) -> Iterator[str]:
    if outcome.growth:
        yield from table(outcome.growth)
        return
    messages = max(1, len(outcome.ledger.acknowledged()))
    yield f"| part | memory (PSS) | open files | growth in {PER_MESSAGES:,} messages |"
    yield "|---|---|---|---|"
    for part, after in outcome.after.items():
        before = outcome.before.get(part, after)
        same = "" if before.pid == after.pid else " (started again)"
        grown = (after.memory_mb - before.memory_mb) * PER_MESSAGES / messages
        memory = f"{before.memory_mb:.0f} → {after.memory_mb:.0f} MB"
        yield f"| {part}{same} | {memory} | {before.files} → {after.files} | {'' if same else f'{grown:+.0f} MB'} |"


def _lines(outcome: Outcome) -> Iterator[str]:
    """Yields Markdown lines that list, of each kind, at most SHOWN findings, remarks, restarts and refused starts.

    The remarks are those of faults; the restarts are those of a silent bot that no fault explains.
    """
    for kind, lines in outcome.verdict.findings.items():
        yield from _listed(kind, lines)
    yield from _listed(
        "faults with a remark", [f"{one.name}: {one.remark}" for one in outcome.chaos.struck if one.remark]
    )
    yield from _listed(
        "the bot was started again since it did not answer, although nothing struck it",
        [f"within {one.ended - one.began:.0f} s" for one in outcome.chaos.restarts.excused(outcome.chaos.struck)],
    )
    yield from _listed("starts of the launcher that were refused", outcome.refused)


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"\n**{title}** ({len(found)})\n"
        yield from (f"- {line}" for line in found[:SHOWN])
