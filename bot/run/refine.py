"""Implements ``ventanilla train --refine``: tunes the encoder to the agency's entries if that improves the answers.

Tuning runs in .venv-tune as a separate process with low priority. Adapter, encoder and vectors are built in a temporary
folder inside the home folder. They are moved to the home folder only if the risk-coverage curve of the new adapter is
better; otherwise they are deleted. The adapter is moved last, atomically: the running action server notices it
(bot/faq/publishing/watch.py), and then finds everything prepared.
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
from bot.core.errors.encoder import EncoderFixed, TuningFailed, TuningMissing, TuningRuns, TuningTooEarly
from bot.core.process import die_with_parent
from bot.core.settings import ROOT, Settings
from bot.core.texts import say
from bot.faq.encoder.folder import ADAPTER, BUILD, OWN_ADAPTER, VECTORS, WEIGHTS, adapter_file, encoder_folder
from bot.faq.encoder.kept import adopt
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import load_vectorizer
from bot.faq.ranking.coefficients import tuned
from bot.run.prepare_faq import prepare_faq
from bot.run.system import gather
from bot.tuning.comparison import Trial, trial

# A quarter of the steps and a third of the learning rate of the project's adapter, from which tuning usually starts.
STEPS, RATE = 80, 3e-4
CERTAINTY = 0.9  # minimum share of bootstrap resamples in which the new adapter has the lower risk
POLITENESS = 10  # added to the niceness of the tuning process
LOCK, SCRATCH = "refine.lock", ".refining-"
INSTALLED = "stamp-tune"  # file that scripts/bootstrap.py writes once the environment is completely installed


@dataclass(frozen=True)
class Refinement:
    """A run of ``train --refine``; ``python`` is the interpreter of the tuning environment."""

    settings: Settings
    python: Path
    steps: int = STEPS

    @classmethod
    def of(cls, settings: Settings) -> Refinement:
        """Builds a Refinement. Raises TuningMissing if there is no .venv-tune, EncoderFixed if FAQ_ENCODER is set."""
        if settings.faq_encoder:
            raise EncoderFixed(encoder=settings.faq_encoder)
        environment = settings.project_root / ".venv-tune"
        if not (environment / INSTALLED).is_file():
            raise TuningMissing(folder=str(environment))
        return cls(settings, environment / "bin" / "python")

    def run(self, console: Console) -> bool:
        """Tunes the encoder, which takes minutes; returns whether the new adapter was adopted.

        Raises TuningTooEarly, TuningRuns, TuningFailed, AdapterUnusable, EncoderMissing or InvalidAgency.
        """
        agency = load_agency(self.settings.agency_file)
        gather(self.settings)
        with (
            _exclusive(self.settings.home),
            tempfile.TemporaryDirectory(dir=self.settings.home, prefix=SCRATCH) as scratch,
        ):
            _expect_utterances(self.settings, agency)
            console.print(say("tuning.refina.empieza"), soft_wrap=True)
            tried = self.settings.model_copy(update={"home": Path(scratch)})
            tried.answers_home.mkdir()
            self._tune(tried.answers_home / OWN_ADAPTER)
            console.print(say("tuning.refina.compara"))
            return adopt_if_better(self.settings, agency, tried, console)

    def _tune(self, out: Path) -> None:
        base = adapter_file(self.settings.answers_home)
        command = [str(self.python), "-m", "bot.tuning", "--out", str(out.absolute()), "--scale", "1"]
        command += ["--steps", str(self.steps), "--rate", str(RATE)]
        command += ["--begin", str(base.absolute())] if base.is_file() else []
        done = subprocess.run(command, cwd=ROOT, env=self._environment(), preexec_fn=_lower_priority)  # noqa: S603
        if done.returncode or not out.is_file():
            raise TuningFailed(exit_code=done.returncode)

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        paths = {
            "VENTANILLA_HOME": settings.home,
            "VENTANILLA_ROOT": settings.project_root,
            "FAQ_DIR": settings.faq_dir,
            "AGENCY_FILE": settings.agency_file,
        }
        return {**os.environ, **{name: str(path.absolute()) for name, path in paths.items()}}


def _expect_utterances(settings: Settings, agency: Agency) -> None:
    """Raises TuningTooEarly if the verifier, which fits the project's adapter alone, reads most entries."""
    counts = [len(entry.utterances) for entry in load_folder(settings.faq_dir, agency.teams).entries]
    least = tuned().verifier.few
    few = sum(count < least for count in counts)
    if adapter_file(settings.answers_home) == ADAPTER and 2 * few > len(counts):
        raise TuningTooEarly(few=few, all=len(counts), least=least)


def adopt_if_better(settings: Settings, agency: Agency, tried: Settings, console: Console) -> bool:
    """Adopts the adapter in ``tried.answers_home`` if the area under its risk-coverage curve is significantly smaller.

    Returns whether the adapter was adopted. Takes one or two minutes. Raises AdapterUnusable or EncoderMissing.
    """
    entries = load_folder(settings.faq_dir, agency.teams).entries
    prepare_faq(settings, agency)
    old = trial(entries, load_vectorizer(settings), agency)
    new = _trial_of(tried, settings, agency, entries)
    figures = {"nuevo": new.risk, "viejo": old.risk}
    if new.risk >= old.risk or new.better_than(old) < CERTAINTY:
        console.print(say("tuning.refina.peor", **figures), soft_wrap=True)
        return False
    _adopt(tried.answers_home, settings.answers_home)
    console.print(say("tuning.refina.mejor", **figures), soft_wrap=True)
    return True


def _trial_of(trial_settings: Settings, settings: Settings, agency: Agency, entries: tuple[Entry, ...]) -> Trial:
    weights = trial_settings.answers_home / "encoder" / WEIGHTS
    weights.parent.mkdir()
    weights.symlink_to((settings.answers_home / "encoder" / WEIGHTS).absolute())
    prepare_faq(trial_settings, agency)
    return trial(entries, load_vectorizer(trial_settings), agency)


def _adopt(scratch: Path, home: Path) -> None:
    """Moves encoder and vectors to ``home``, and the adapter last: processes that find it switch to all three.

    Deletes the encoders of earlier adapters: processes that have loaded such an encoder no longer need its files.
    """
    built = encoder_folder(scratch)
    target = home / "encoder" / built.name
    if not target.exists():
        os.replace(built, target)
    adopt(home, scratch / VECTORS)
    card = (scratch / OWN_ADAPTER).with_suffix(".md")
    if card.is_file():
        os.replace(card, home / card.name)
    os.replace(scratch / OWN_ADAPTER, home / OWN_ADAPTER)
    for folder in target.parent.glob(f"{BUILD}-*"):
        if folder != target:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """Holds the home folder's lock for refinements (context manager).

    Deletes the folders of killed refinements. Raises TuningRuns if another process holds the lock.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TuningRuns(home=str(home)) from error
        for folder in home.glob(f"{SCRATCH}*"):
            shutil.rmtree(folder, ignore_errors=True)  # left by a refinement that was killed
        yield


def _lower_priority() -> None:
    """Lowers the priority of this process, and makes the process end when its parent ends."""
    os.nice(POLITENESS)
    die_with_parent(signal.SIGTERM)
