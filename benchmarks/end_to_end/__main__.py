"""Compares our running assistant with a stock Rasa on the same machine: ``python -m benchmarks.end_to_end``.

By default both get the same 288 questions, in the same conversations, from 1, 8 and 32 citizens at once. Ours is the
whole system: `ventanilla run` in a separate folder, citizens on the web chat's socket; each message is written to disk
before it is acknowledged, then answered, and recorded in PostgreSQL. Afterwards our event logs and record are checked.
The stock assistant is what ``rasa init`` of Rasa 3.6 writes, with an intent, a response and a rule for each entry of
the FAQ: REST channel, conversations in memory. Its first training takes some minutes, and the model is kept. The time
of an answer counts from sending the question. Options add measurements of memory, growth and heavy traffic, and a
profile of the functions that take the most time.

Prints Markdown; exits with 1 if our assistant lost a question, did not answer it exactly once and in order, or left
work undone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.end_to_end import memory as of_memory
from benchmarks.end_to_end import ours, report, stock
from benchmarks.end_to_end.burst import BURST_S
from benchmarks.end_to_end.checks import findings
from benchmarks.end_to_end.extras import extras
from benchmarks.end_to_end.growth import LONG, RECORDED, WAITING
from benchmarks.end_to_end.load import Level, level
from benchmarks.end_to_end.memory import Memory
from benchmarks.end_to_end.questions import QUESTIONS, Conversation, conversations
from benchmarks.end_to_end.report import progress
from bot.core.settings import ROOT, Settings
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder

WARM_UP = 2  # conversations
INTERRUPTED = 130


@dataclass
class Results:
    """The measurements of each assistant; ``notes``, ``sections`` and ``faults`` are parts of the report."""

    levels: dict[str, list[Level]] = field(default_factory=dict)
    memories: dict[str, Memory] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """A run of the benchmark, with its files in ``folder``.

    ``models`` is the folder of the trained models of all runs.
    """

    options: argparse.Namespace
    folder: Path
    models: Path

    def __call__(self) -> Results:
        entries, results = load_folder(ROOT / "data" / "faq", None).entries, Results()
        asked = conversations(entries, self.options.questions)
        if self.options.only != "stock":
            self._ours(entries, asked, results)
        if self.options.only != "ours":
            model = stock.trained(entries, self.models)
            self._stock(model, asked, results)
        return results

    def _ours(self, entries: Sequence[Entry], asked: Sequence[Conversation], results: Results) -> None:
        with ours.running(self.folder / "ours") as start:
            with start() as running:
                self._measure(report.OURS, running, asked, results)
                replies = ", ".join(f"{count} {kind}" for kind, count in running.kinds.most_common())
                results.notes.append(f"Ventanilla: of the questions {replies}.")
                results.sections = asyncio.run(extras(self.options, running, asked, entries, self.models))
                results.faults += asyncio.run(findings(running))
            if self.options.memory:
                with start(fresh=False) as again:
                    results.memories[report.OURS].start_s.append(again.start_s)

    def _stock(self, model: Path, asked: Sequence[Conversation], results: Results) -> None:
        with stock.running(model, self.folder) as rasa:
            self._measure(report.STOCK, rasa, asked, results)
            results.notes.append(
                f"Stock Rasa: of {rasa.asked} questions {rasa.rephrase} not understood, {rasa.silent} in silence."
            )
        if self.options.memory:
            with stock.running(model, self.folder) as again:
                results.memories[report.STOCK].start_s.append(again.start_s)

    def _measure(
        self, name: str, assistant: ours.Ours | stock.Stock, asked: Sequence[Conversation], results: Results
    ) -> None:
        progress(f"{name} runs")
        memory = Memory(start_s=[assistant.start_s])
        if self.options.memory:
            results.memories[name] = memory
            memory.note_idle("idle after the start", assistant.pids)
        results.levels[name] = asyncio.run(self._levels(assistant, asked))
        if self.options.memory:
            memory.note_idle("idle after the questions", assistant.pids)

    async def _levels(self, assistant: ours.Ours | stock.Stock, asked: Sequence[Conversation]) -> list[Level]:
        for conversation in asked[:WARM_UP]:
            await assistant.converse(conversation)
        levels, pids = [], assistant.pids
        for citizens in self.options.citizens:
            seconds = self.options.seconds
            one = await level(assistant.converse, asked, citizens=citizens, seconds=seconds, pids=pids)
            progress(f"{citizens} at once: {one.rate:.1f} messages a second")
            levels.append(one)
        return levels


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--citizens", type=int, nargs="+", default=[1, 8, 32], help="at once, for each level")
    parser.add_argument("--seconds", type=float, default=0.0, help="a level repeats the questions for so long")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="fewer, to try it out")
    parser.add_argument("--only", choices=("ours", "stock"))
    parser.add_argument("--memory", action="store_true", help="memory when idle, and how long a second start takes")
    parser.add_argument("--growth", action="store_true", help="a long conversation; a long queue; a full record")
    parser.add_argument("--long", type=int, default=LONG, help="messages of the long conversation")
    parser.add_argument("--waiting", type=int, default=WAITING, help="citizens in the queue")
    parser.add_argument("--recorded", type=int, default=RECORDED, help="messages in the record")
    parser.add_argument("--burst", type=float, nargs="?", const=BURST_S, default=0.0, help="seconds of heavy traffic")
    parser.add_argument("--profile", action="store_true", help="which functions take the time; needs py-spy")
    parser.add_argument("--write", type=Path, help="a file for the report")
    return parser


def main() -> int:
    parser = arguments()
    options = parser.parse_args()
    if options.only != "ours" and not stock.RASA.is_dir():
        parser.error("stock Rasa is not installed: run «make stock-env» (Python 3.10), or give --only ours")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops the started processes, as after Ctrl-C
    machine, models = report.machine(), Settings().home / "benchmarks"
    folder = models / f"run-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        results = Comparison(options, folder, models)()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        kept = models / "failed"
        shutil.rmtree(kept, ignore_errors=True)
        folder.rename(kept)
        progress(f"failed; the logs are in {kept}")
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    parts = [machine, report.speed(results.levels), report.processor(results.levels), *results.notes]
    if results.memories:
        parts.append(of_memory.table(results.memories))
    parts += results.sections
    parts += [f"**Faults**: {len(results.faults)}", *results.faults]
    text = "\n\n".join(parts) + "\n"
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    return 1 if results.faults else 0


if __name__ == "__main__":
    sys.exit(main())
