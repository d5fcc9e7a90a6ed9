"""Evaluates an FAQ: loads its entries and the messages, sends each message to the answerer, and builds the report.

Neither Rasa nor a running system is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.core.texts import say
from bot.evaluation.asking import Setup, ask_all
from bot.evaluation.learning import Part, Simulation
from bot.evaluation.queries import Query, load
from bot.evaluation.report import Report
from bot.faq.answering.answerer import Answerer
from bot.faq.entries.folder import Folder, load_folder
from bot.faq.entries.problem import Severity
from bot.faq.publishing.load import load_answerer, load_vectorizer

T = TypeVar("T")


@dataclass(frozen=True)
class Material:
    """An FAQ and the messages to evaluate it with; ``notices`` describe problems, in Spanish.

    ``queries`` is empty if the messages or the entries are unusable.
    """

    notices: tuple[str, ...]
    folder: Folder
    queries: tuple[Query, ...] = ()


@dataclass(frozen=True)
class Evaluated:
    """The result of an evaluation; ``notices`` describe problems, in Spanish.

    ``report`` is None if the messages or the FAQ cannot be used.
    """

    notices: tuple[str, ...]
    report: Report | None = None


def material(path: Path, faq_dir: Path | None, settings: Settings, agency: Agency) -> Material:
    """Loads the FAQ in ``faq_dir`` and the messages in ``path``; one invalid line makes all messages unusable.

    If ``faq_dir`` is None, loads the FAQ of the settings. The entries of any other FAQ may name any team.
    """
    faq = faq_dir or settings.faq_dir
    folder = load_folder(faq, agency.teams if faq_dir is None else None)
    if not folder.entries:
        return Material((say("eval.sin_entradas", carpeta=faq),), folder)
    errors = sum(problem.severity is Severity.ERROR for problem in folder.problems)
    notices = [say("eval.faq_con_problemas", cuantos=errors, carpeta=faq)] if errors else []
    read = load(path, {entry.id for entry in folder.entries})
    if read.problems:
        lines = (problem.words(path.name) for problem in read.problems)
        return Material((*notices, *lines, say("eval.mal", errores=len(read.problems))), folder)
    return Material(tuple(notices), folder, read.queries)


def evaluated(path: Path, faq_dir: Path | None, settings: Settings, agency: Agency) -> Evaluated:
    """Evaluates an FAQ with messages, both loaded by ``material``; returns the report and the notices.

    Raises EncoderMissing.
    """
    read = material(path, faq_dir, settings, agency)
    if not read.queries:
        return Evaluated(read.notices)
    answerer = load_answerer(settings, agency, read.folder)
    asked = ask_all(answerer, read.queries, _setup(agency))
    outcomes = list(_shown(asked, len(read.queries)))
    return Evaluated(read.notices, Report.from_outcomes(outcomes, answerer.thresholds))


def learning(read: Material, settings: Settings, agency: Agency, *, size: int) -> Iterator[Part]:
    """Simulates how the assistant learns while messages arrive; returns an iterator over the results of each part.

    The FAQ is published again after every ``size`` messages. Raises EncoderMissing.
    """
    vectorizer = load_vectorizer(settings)
    simulation = Simulation(
        partial(Answerer, vectorizer=vectorizer, agency=agency), read.folder.entries, _setup(agency)
    )
    return _shown(simulation.parts(read.queries, size=size), ceil(len(read.queries) / size))


def _setup(agency: Agency) -> Setup:
    return Setup(agency.today(), agency.max_choices)


def _shown(steps: Iterable[T], total: int) -> Iterator[T]:
    """Yields ``steps``, and shows their progress if standard error is a terminal."""
    shown, step = Console(stderr=True), say("eval.midiendo")
    yield from track(steps, step, total=total, console=shown, transient=True, disable=not shown.is_terminal)
