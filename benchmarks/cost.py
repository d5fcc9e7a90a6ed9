"""Measures the cost of larger FAQs: ``python benchmarks/cost.py [ENTRIES...]``, by default 68, 1,000 and 10,000.

The question and the ten variants of each entry are utterances of the out-of-scope topics. Their vectors are random,
since the time to embed a text does not depend on the FAQ's size; messages are embedded as usual. Prints a Markdown
table with the memory of the process, and the CPU times of four steps: the first publication, a publication after an
edit, the calibration that follows the edit, and a message. FAQs of fewer than LARGE entries publish and calibrate at
once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from bot.agency.model import load_agency
from bot.core.messages import Source
from bot.core.settings import ROOT, Settings
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience
from bot.faq.encoder.encoder import Encoder, Vectors
from bot.faq.encoder.folder import encoder_folder
from bot.faq.entries.entry import Entry
from bot.faq.publishing.load import is_small_change
from bot.faq.ranking.background import load_background
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import load_lexicon

SIZES = (68, 1_000, 10_000)
VARIANTS, TOPICS = 10, 15
MESSAGES = 100
WIDTH = 384
TODAY = date(2026, 11, 24)
Made = TypeVar("Made")


class Random:
    """Embeds each text as a random vector; within a process, equal texts get equal vectors."""

    fingerprint = "random"

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.array([np.random.default_rng(abs(hash(text))).normal(size=WIDTH) for text in texts], np.float32)
        return rows.reshape(-1, WIDTH) / np.float32(np.sqrt(WIDTH))


@dataclass(frozen=True)
class Cost:
    """The cost of an FAQ: CPU seconds of publications and of a later calibration, CPU ms per message, memory in MB."""

    entries: int
    publish: float
    edit: float
    calibration: float
    median: float
    slow: float
    memory: float


def entries_of(count: int, utterances: Sequence[str]) -> Iterator[Entry]:
    """Yields ``count`` entries; a number at the end of each utterance makes repeated ones distinct."""
    numbered = (f"{text} {number // len(utterances)}" for number, text in enumerate(cycle(utterances)))
    for number in range(count):
        question, *variants = islice(numbered, VARIANTS + 1)
        body = (
            f"Esto se pide en la oficina número {number}, de lunes a viernes.\n\nLleva tu cédula de identidad vigente."
        )
        yield Entry(
            id=f"entrada-{number}",
            question=question,
            variants=tuple(variants),
            topic=f"tema-{number % TOPICS}",
            team="atencion",
            source=Source("Los Aromos", "https://www.losaromos.example"),
            responsible="OIRS",
            reviewed=TODAY,
            expires=None,
            audience={},
            body=body,
            version="",
            path=f"tema/{number}.md",
        )


def seconds(work: Callable[[], Made]) -> tuple[float, Made]:
    """Runs ``work`` and returns its CPU seconds and its result."""
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


def measured(count: int) -> Cost:
    """Measures an FAQ of ``count`` entries; call it in a new process, since it also measures the process's memory."""
    threadpool_limits(limits=1, user_api="blas")
    settings, agency = Settings(), load_agency(ROOT / "agency.yml")
    data = ROOT / "data"
    background = load_background(data)
    vectorizer = Vectorizer(Random(), Encoder(encoder_folder(settings.answers_home)), background, load_lexicon(data))
    utterances = [
        utterance
        for out_of_scope_topic in background.out_of_scope_topics
        for utterance in out_of_scope_topic.utterances
    ]
    entries = list(entries_of(count, utterances))
    shared: dict[str, Any] = {"vectorizer": vectorizer, "agency": agency}
    publish, before = seconds(partial(Answerer, entries, **shared))
    edited = [replace(entries[0], variants=(*entries[0].variants, "una forma nueva de preguntarlo")), *entries[1:]]
    publish_again = before.changed if is_small_change(entries, edited) else partial(Answerer, **shared)
    edit, answerer = seconds(partial(publish_again, edited))
    calibration = 0.0 if answerer.is_calibrated else seconds(lambda: answerer.calibrate(Experience()))[0]
    del before, publish_again  # as LiveFaq does
    asked = utterances[:: len(utterances) // MESSAGES]
    times = [seconds(lambda text=text: answerer.answer(text, today=TODAY))[0] * 1000 for text in asked]
    median, slow = np.percentile(times, [50, 95])
    return Cost(count, publish, edit, calibration, float(median), float(slow), _resident_mb())


def _resident_mb() -> float:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def main(sizes: Sequence[int]) -> None:
    """Prints a table with a row for each size."""
    head = "| entries | first publish, s | one edit, s | calibration, s | message p50, ms | p95, ms | memory, MB |"
    sys.stdout.write(f"{head}\n{'|---' * 7}|\n")
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            cost = alone.submit(measured, size).result()
        cells = (
            f"{size:,}",
            *(f"{one:.2f}" for one in (cost.publish, cost.edit, cost.calibration)),
            f"{cost.median:.1f}",
            f"{cost.slow:.1f}",
        )
        sys.stdout.write(f"| {' | '.join((*cells, f'{cost.memory:.0f}'))} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
