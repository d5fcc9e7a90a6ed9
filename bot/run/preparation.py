"""Prepares what must exist before the parts start: tables, encoder, FAQ vectors, classifiers and Rasa's model.

A child process prepares encoder, vectors and classifiers, so that the launcher does not keep the encoder's 300 MB in
memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import signal
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from bot.agency.model import Agency, load_agency
from bot.core.errors.base import VentanillaError
from bot.core.errors.launcher import NotRunning, PreparationKilled
from bot.core.process import die_with_parent
from bot.core.settings import ROOT, Settings
from bot.core.texts import say
from bot.faq.encoder.folder import VECTORS, adapter_file, chosen_encoder, is_encoder
from bot.faq.entries.folder import load_folder
from bot.faq.entries.problem import Severity
from bot.rasa.examples import ASK_ATLAS, ASK_FAQ, questions_of
from bot.rasa.training import TrainingPaths, train, trained
from bot.run.postgres import migrate_record
from bot.run.system import gather

Report = Callable[[float, str], None]
STAMP = "prepared.txt"  # file in the home folder with a hash of the last preparation's inputs
CODE = ("bot/faq", "bot/text", "bot/crisis", "bot/rasa", "bot/encoder_build", "requirements")
STEP = 0.01  # minimum progress between two messages, so that the pipe can hold all of them while nobody reads


def prepare(settings: Settings, console: Console) -> None:
    """Implements ``ventanilla prepare``: migrates the record, trains Rasa, prepares encoder, vectors and classifiers.

    Starts no service; running it again repeats only what is out of date. Raises NotRunning if DATABASE_URL is not set,
    and the errors of its steps.
    """
    os.umask(0o077)  # other users of this machine must not read citizens' messages
    database_url = settings.database_url.get_secret_value()
    if not database_url:
        raise NotRunning()
    agency = load_agency(settings.agency_file)
    migrate_record(database_url, settings.database_owner_url.get_secret_value())
    gather(settings)
    with preparing_answers(settings, agency, console) as finish:
        model = train_rasa(settings, agency, console)
        finish()
    console.print(say("cli.train.listo", modelo=model.name))


@contextmanager
def preparing_answers(settings: Settings, agency: Agency, console: Console) -> Iterator[Callable[[], None]]:
    """Starts to prepare encoder, vectors and classifiers, and prints the numbers of FAQ entries and of their errors.

    Yields a function that shows the progress until everything is prepared, so that the caller can do other work first.
    The function raises the errors of ``preparing_apart``. If no input has changed since the last preparation, nothing
    is prepared and the function does nothing.
    """
    settings.answers_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = load_folder(settings.faq_dir, agency.teams)
    console.print(say("cli.run.faq", cuantas=len(folder.entries)), style="green")
    if errors := sum(problem.severity is Severity.ERROR for problem in folder.problems):
        console.print(say("cli.run.faq_con_problemas", cuantos=errors), style="yellow")
    if is_prepared(settings):
        yield lambda: None
        return
    inputs = inputs_of(settings)  # now, so that a file edited meanwhile counts as changed
    with preparing_apart(settings) as follow:

        def finish() -> None:
            with _progress(console, say("cli.run.codificador")) as report:
                follow(report)
            note_prepared(settings, inputs)

        yield finish


def train_rasa(settings: Settings, agency: Agency, console: Console) -> Path:
    """Trains Rasa if an input of the model has changed; returns the model's path. Raises PartFailed."""
    paths = TrainingPaths.of(settings)
    if is_prepared(settings) and (model := trained(paths)):
        return model
    questions = questions_of(load_folder(settings.faq_dir, agency.teams).entries)
    with _progress(console, say("cli.run.entrenando")) as report:
        return asyncio.run(train(paths, questions, report))


@contextmanager
def preparing_apart(settings: Settings) -> Iterator[Callable[[Report], None]]:
    """Runs ``prepare_faq`` in a child process; yields a function that reports progress until the child has ended.

    The function raises EncoderMissing or another VentanillaError of ``prepare_faq``, and PreparationKilled if the child
    was killed. A child that still runs at the end of the block is killed (context manager).
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_prepare, args=(settings, sender))
    child.start()
    sender.close()

    def follow(report: Report) -> None:
        _follow(receiver, report)
        child.join()
        if child.exitcode:
            raise PreparationKilled(exit=child.exitcode)

    try:
        yield follow
    finally:
        child.kill()
        child.join()


def _follow(receiver: Connection, report: Report) -> None:
    """Passes on the child's progress until the child closes the connection; raises an error that the child sends."""
    while True:
        try:
            received = receiver.recv()
        except EOFError:
            return
        if isinstance(received, VentanillaError):
            raise received
        report(*received)


def _prepare(settings: Settings, sender: Connection) -> None:
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also reaches the launcher, which then ends this process
    from bot.run.prepare_faq import prepare_faq

    sent: tuple[float, str] = (-STEP, "")

    def send(share: float, step: str) -> None:
        nonlocal sent
        if share >= sent[0] + STEP or step != sent[1]:
            sent = share, step
            sender.send(sent)

    try:
        prepare_faq(settings, load_agency(settings.agency_file), send)
    except VentanillaError as error:
        sender.send(error)
    sender.close()


@contextmanager
def _progress(console: Console, title: str) -> Iterator[Report]:
    """Yields a function ``report(share, step)``, which updates a progress bar on a terminal (context manager).

    The first call prints ``title``, unless its ``share`` is 1, which means that nothing had to be done.
    """
    begun = False
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(28), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(say("cli.run.revisando"), total=1.0)

        def report(share: float, step: str) -> None:
            nonlocal begun
            if not begun and share < 1:
                begun = True
                console.print(title)
            bar.update(task, completed=share, description=step)

        yield report


def is_prepared(settings: Settings) -> bool:
    """Returns whether the last preparation in this home folder had the same inputs and encoder as now.

    False also if the encoder or the file of vectors is missing. Does not check the classifiers, Rasa's model or
    the record's tables.
    """
    stamp, folder = settings.home / STAMP, chosen_encoder(settings)
    if not (stamp.is_file() and (settings.answers_home / VECTORS).is_file() and is_encoder(folder)):
        return False
    return stamp.read_text() == _stamp(settings, inputs_of(settings))


def note_prepared(settings: Settings, inputs: str) -> None:
    """Stores, after a successful preparation, the hash ``inputs`` together with a hash of the encoder.

    Raises OSError.
    """
    (settings.home / STAMP).write_text(_stamp(settings, inputs))


def inputs_of(settings: Settings) -> str:
    """Returns a hash of the files that a preparation reads: data, entries, agency.yml, the adapter and the code.

    The hash does not cover the files that Rasa's training writes into ``data``.
    """
    folders = [settings.project_root / "data", settings.faq_dir, *(ROOT / name for name in CODE)]
    files = {path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"}
    files -= {settings.project_root / path for path in (ASK_FAQ, ASK_ATLAS)}
    return _hash([*files, settings.agency_file, adapter_file(settings.answers_home)])


def _stamp(settings: Settings, inputs: str) -> str:
    return f"{inputs} {settings.faq_encoder} {_hash(chosen_encoder(settings).glob('*'))}"


def _hash(files: Iterable[Path]) -> str:
    """Returns a hash of the path, size and time of each file; folders and missing files are left out."""
    digest = hashlib.sha256()
    for path in sorted(files):
        with suppress(FileNotFoundError):
            facts = path.stat()
            if stat.S_ISREG(facts.st_mode):
                digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
