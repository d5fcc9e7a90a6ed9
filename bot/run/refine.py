"""``ventanilla train --refine``: tunes the encoder further on the agency's own entries, and keeps what answers better.

Tuning runs in .venv-tune, as a process of its own and with low priority. Everything new is made in a scratch folder
below the home folder that is a home of its own: adapter, encoder, vectors. Only when the new adapter's risk-coverage
curve is better does it all move to the home folder, the adapter last and in one step; the running action server sees
that (bot/faq/publishing/watch.py) and finds everything prepared. What is not better leaves no trace.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bot.agency.model import Agency, load_agency
from bot.core.errors import EncoderFixed, TuningFailed, TuningMissing, TuningRuns
from bot.core.process import die_with_parent
from bot.core.settings import ROOT, Settings
from bot.core.texts import say
from bot.faq.encoder.folder import BUILD, OWN_ADAPTER, WEIGHTS, adapter_file, encoder_folder
from bot.faq.encoder.vectors import FILE, adopt_vectors
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import load_vectorizer
from bot.run.preparation import prepare_faq
from bot.tuning.comparison import Trial, trial

STEPS, RATE = 80, 3e-4
"""A quarter of the steps of the project's adapter, and a third of its rate: it has learned most already."""
CERTAINTY = 0.9
"""In what share of draws of the messages the new adapter must have the lower risk: a change has to be worth it."""
POLITENESS = 10
LOCK, SCRATCH = "refine.lock", ".refining-"
INSTALLED = "stamp-tune"
"""What scripts/bootstrap.py leaves in an environment once everything is installed."""


@dataclass(frozen=True)
class Refinement:
    """One refinement. ``python`` is that of the environment for tuning."""

    settings: Settings
    python: Path
    steps: int = STEPS

    @classmethod
    def of(cls, settings: Settings) -> Refinement:
        """Raises TuningMissing when the environment is not there, EncoderFixed when the encoder is not ours."""
        if settings.faq_encoder:
            raise EncoderFixed(encoder=settings.faq_encoder)
        environment = settings.project_root / ".venv-tune"
        if not (environment / INSTALLED).is_file():
            raise TuningMissing(folder=str(environment))
        return cls(settings, environment / "bin" / "python")

    def run(self, console: Console) -> bool:
        """Tunes, compares, and says whether the new adapter is in force. Raises TuningRuns, TuningFailed."""
        agency = load_agency(self.settings.agency_file)
        with (
            _alone(self.settings.home),
            tempfile.TemporaryDirectory(dir=self.settings.home, prefix=SCRATCH) as scratch,
        ):
            console.print(say("tuning.refina.empieza"), soft_wrap=True)
            self._tune(Path(scratch) / OWN_ADAPTER)
            console.print(say("tuning.refina.compara"))
            return adopt_if_better(self.settings, agency, Path(scratch), console)

    def _tune(self, out: Path) -> None:
        begin = adapter_file(self.settings.home)
        command = [str(self.python), "-m", "bot.tuning", "--out", str(out.absolute()), "--scale", "1"]
        command += ["--steps", str(self.steps), "--rate", str(RATE)]
        command += ["--begin", str(begin.absolute())] if begin.is_file() else []
        done = subprocess.run(command, cwd=ROOT, env=self._environment(), preexec_fn=_politely)  # noqa: S603
        if done.returncode or not out.is_file():
            raise TuningFailed(exit_code=done.returncode)

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        places = {
            "VENTANILLA_HOME": settings.home,
            "VENTANILLA_ROOT": settings.project_root,
            "FAQ_DIR": settings.faq_dir,
            "AGENCY_FILE": settings.agency_file,
        }
        return {**os.environ, **{name: str(place.absolute()) for name, place in places.items()}}


def adopt_if_better(settings: Settings, agency: Agency, scratch: Path, console: Console) -> bool:
    """Compares the adapter in the folder ``scratch`` with the one in force, and puts it in force when the area under
    its risk-coverage curve is smaller, and not by chance. Takes a minute or two. Raises AdapterUnusable.
    """
    entries = load_folder(settings.faq_dir, agency.teams).entries
    prepare_faq(settings, agency)
    old = trial(entries, load_vectorizer(settings), agency)
    new = _tried(settings.model_copy(update={"home": scratch}), settings, agency, entries)
    figures = {"nuevo": new.risk, "viejo": old.risk}
    if new.risk >= old.risk or new.better_than(old) < CERTAINTY:
        console.print(say("tuning.refina.peor", **figures), soft_wrap=True)
        return False
    _adopt(scratch, settings.home)
    console.print(say("tuning.refina.mejor", **figures), soft_wrap=True)
    return True


def _tried(trying: Settings, settings: Settings, agency: Agency, entries: tuple[Entry, ...]) -> Trial:
    weights = trying.home / "encoder" / WEIGHTS
    weights.parent.mkdir()
    weights.symlink_to((settings.home / "encoder" / WEIGHTS).absolute())
    prepare_faq(trying, agency)
    return trial(entries, load_vectorizer(trying), agency)


def _adopt(scratch: Path, home: Path) -> None:
    """The encoder, its vectors, and last the adapter, which brings all three into force. Encoders of adapters that were
    in force before are removed; those who have loaded one need its files no more.
    """
    built = encoder_folder(scratch)
    target = home / "encoder" / built.name
    if not target.exists():
        os.replace(built, target)
    adopt_vectors(home, scratch / FILE)
    card = (scratch / OWN_ADAPTER).with_suffix(".md")
    if card.is_file():
        os.replace(card, home / card.name)
    os.replace(scratch / OWN_ADAPTER, home / OWN_ADAPTER)
    for folder in target.parent.glob(f"{BUILD}-*"):
        if folder != target:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Raises TuningRuns when another process refines below the same home folder."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TuningRuns(home=str(home)) from error
        for left in home.glob(f"{SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)  # by a refinement that was killed
        yield


def _politely() -> None:
    """Yields the processor to the running assistant, and ends when who started it does."""
    os.nice(POLITENESS)
    die_with_parent(signal.SIGTERM)
