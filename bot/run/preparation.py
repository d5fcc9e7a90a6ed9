"""Prepares what the parts need before they start: tables, encoder, the FAQ's vectors, Rasa's model."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from bot.agency.model import Agency, load_agency
from bot.core.errors import EncoderDamaged, NotRunning
from bot.core.logs import log
from bot.core.settings import Settings
from bot.core.texts import say
from bot.encoder_build.prepare import Progress, no_progress, prepare_encoder
from bot.faq.encoder.folder import encoder_folder
from bot.faq.encoder.vectors import EmbedProgress
from bot.faq.entries.folder import load_folder
from bot.faq.entries.passages import passages
from bot.faq.entries.problem import Severity
from bot.faq.publishing.load import load_vectorizer
from bot.faq.ranking.vectorizer import Vectorizer
from bot.rasa.examples import questions_of
from bot.rasa.training import TrainingPaths, train
from bot.record.engine import migrate

Report = Callable[[float, str], None]


def prepare(settings: Settings, console: Console) -> None:
    """Implements ``ventanilla prepare``, which starts nothing: may be repeated at any time.

    Raises NotRunning if DATABASE_URL is not set, and the errors of the steps.
    """
    os.umask(0o077)  # no other user of this machine may read what citizens write
    database_url = settings.database_url.get_secret_value()
    if not database_url:
        raise NotRunning()
    agency = load_agency(settings.agency_file)
    migrate(database_url)
    prepare_answers(settings, agency, console)
    model = train_rasa(settings, agency, console)
    console.print(say("cli.train.listo", modelo=model.name))


def prepare_answers(settings: Settings, agency: Agency, console: Console) -> None:
    """Prepares encoder and vectors, and prints how many entries there are and how many errors."""
    folder = load_folder(settings.faq_dir, agency.teams)
    console.print(say("cli.run.faq", cuantas=len(folder.entries)), style="green")
    if errors := sum(problem.severity is Severity.ERROR for problem in folder.problems):
        console.print(say("cli.run.faq_con_problemas", cuantos=errors), style="yellow")
    with _progress(console, say("cli.run.codificador")) as report:
        prepare_faq(settings, agency, report)


def train_rasa(settings: Settings, agency: Agency, console: Console) -> Path:
    """Trains Rasa if an input has changed, and returns the model. Raises PartFailed."""
    questions = questions_of(load_folder(settings.faq_dir, agency.teams).entries)
    with _progress(console, say("cli.run.entrenando")) as report:
        return asyncio.run(train(TrainingPaths.of(settings), questions, report))


def prepare_faq(settings: Settings, agency: Agency, progress: Progress = no_progress) -> None:
    """Prepares the encoder and embeds the FAQ and the background texts. Raises EncoderMissing.

    Takes about half a minute on all cores the first time; vectors that exist are not computed again.
    """
    if not settings.faq_encoder:
        prepare_encoder(settings.home, lambda share, step: progress(0.4 * share, step))
    step = say("faq.codificador.lee")
    start, width = 0.4, 0.4
    vectorizer = _whole_vectorizer(settings, lambda share: progress(start + width * share, step))
    _ = vectorizer.dangers
    start, width = 0.8, 0.2
    entries = load_folder(settings.faq_dir, agency.teams).entries
    vectorizer.embed_ahead([text for entry in entries for text in (*entry.utterances, *passages(entry))])


def _whole_vectorizer(settings: Settings, report: EmbedProgress) -> Vectorizer:
    """Loads the encoder and rebuilds it if it is damaged. Raises EncoderDamaged if it is the agency's own."""
    threads = os.cpu_count() or 1
    try:
        return load_vectorizer(settings, report, threads=threads)
    except EncoderDamaged as error:
        if settings.faq_encoder:
            raise
        log.warning("encoder: damaged, rebuilding", problem=str(error))
        shutil.rmtree(encoder_folder(settings.home))
        prepare_encoder(settings.home)
        return load_vectorizer(settings, report, threads=threads)


@contextmanager
def _progress(console: Console, title: str) -> Iterator[Report]:
    """Shows a progress bar that ``report(share, text)`` updates; without a terminal prints only the title."""
    if not console.is_terminal:
        console.print(title)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(28), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share, text: bar.update(task, completed=share, description=text)
