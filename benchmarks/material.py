"""Loads the data of the benchmarks: agency, entries, catalogues, messages, and an encoder with a cache.

The cache also holds the vectors of messages, so repeating a measurement is fast. Benchmarks that measure time therefore
use the assistant's encoder instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from threadpoolctl import threadpool_limits

from bot.agency.model import Agency, load_agency
from bot.core.settings import ROOT, Settings
from bot.evaluation.asking import Setup, ask_all
from bot.evaluation.queries import Query, load
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import chosen_encoder
from bot.faq.encoder.vectors import VectorCache
from bot.faq.encoder.verifier import Verifier, load_verifier
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.background import Background, load_background
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import Lexicon, load_lexicon

SETS = {"dev": "dev_messages.jsonl", "held out": "held_out_messages.jsonl"}


@dataclass(frozen=True)
class Material:
    """The data from which benchmarks publish an FAQ."""

    agency: Agency
    entries: tuple[Entry, ...]
    background: Background
    lexicon: Lexicon
    vectors: VectorCache
    verifier: Verifier | None

    @classmethod
    def from_settings(cls, settings: Settings) -> Material:
        """Loads the data. Raises EncoderMissing if FAQ_ENCODER is not set and ``make run`` has never run.

        Limits BLAS to one thread in this process: on busy cores its threads wait for each other by spinning.
        """
        threadpool_limits(limits=1, user_api="blas")
        agency, folder = load_agency(settings.agency_file), chosen_encoder(settings)
        encoder = Encoder(folder)
        return cls(
            agency,
            load_folder(settings.faq_dir, agency.teams).entries,
            load_background(settings.project_root / "data"),
            load_lexicon(settings.project_root / "data"),
            VectorCache(encoder, settings.home / "benchmarks"),
            load_verifier(encoder, folder),
        )

    def vectorizer(self, background: Background | None = None) -> Vectorizer:
        """Returns a vectorizer with ``background``, or with the project's catalogues if that is None."""
        catalogues = self.background if background is None else background
        return Vectorizer(self.vectors, self.vectors, catalogues, self.lexicon, verifier=self.verifier)

    def messages(self, name: str) -> tuple[Query, ...]:
        """Reads the messages of one of SETS. Raises ValueError if a message is invalid."""
        read = load(ROOT / "benchmarks" / SETS[name], {entry.id for entry in self.entries})
        if read.problems:
            raise ValueError("\n".join(problem.words(SETS[name]) for problem in read.problems))
        return read.queries

    def report(self, answerer: Answerer, queries: Sequence[Query]) -> Report:
        """Sends all messages to the answerer and returns the report."""
        setup = Setup(date.today(), self.agency.max_choices)
        return Report.from_outcomes(list(ask_all(answerer, queries, setup)), answerer.thresholds)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Renders a Markdown table; floats get three decimals, None becomes an empty cell."""
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(map(shown, row)) + " |" for row in rows)])


def shown(value: object) -> str:
    """Formats a cell of ``markdown``."""
    return f"{value:.3f}" if isinstance(value, float) else "" if value is None else str(value)
