"""Trains Rasa's intent classifier by running ``rasa train`` in Rasa's environment, through command.py.

The name of the model contains a fingerprint of all inputs, so the same inputs are never trained twice.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import re
import signal
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.core.errors.launcher import PartFailed
from bot.core.logs import log
from bot.core.process import die_with_parent
from bot.core.settings import Settings
from bot.core.texts import say
from bot.rasa.examples import write_questions

COMMAND = Path(__file__).parent / "command.py"
KEPT_MODELS = 3
PIECE_BYTES = 16 * 1024
TRAINED_COMPONENTS = 5
MODEL_PREFIX = "ventanilla-"
INPUTS = ("config.yml", "domain.yml", "data/nlu", "data/rules", "requirements/rasa.txt")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TQDM_DISABLE": "1",
    "PYTHONWARNINGS": "ignore",
}
TRAINED = re.compile(r"Finished training component '(\w+)'")

Progress = Callable[[float, str], None]  # called with the share done (0 to 1) and a Spanish text to show


@dataclass(frozen=True)
class TrainingPaths:
    """The folders that training uses: the project root, Rasa's virtual environment, and the home folder."""

    root: Path
    rasa: Path
    home: Path

    @classmethod
    def of(cls, settings: Settings) -> TrainingPaths:
        """Returns the folders of the installation that ``settings`` describes."""
        root = settings.project_root
        return cls(root=root, rasa=root / ".venv-rasa", home=settings.home.absolute())

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "rasa-train.log"


def current_model(paths: TrainingPaths) -> Path | None:
    """Returns the newest trained model; None before the first training."""
    return max(paths.models.glob(f"{MODEL_PREFIX}*.tar.gz"), key=lambda model: model.stat().st_mtime, default=None)


def trained(paths: TrainingPaths) -> Path | None:
    """Returns the trained model of the current inputs, and marks it as the newest; None if missing or damaged.

    The inputs include the questions that were written last.
    """
    model = _model(paths)
    if not _is_whole(model):
        return None
    model.touch()
    return model


def _model(paths: TrainingPaths) -> Path:
    return paths.models / f"{MODEL_PREFIX}{fingerprint(paths.root)}.tar.gz"


async def train(paths: TrainingPaths, questions: Iterable[str], progress: Progress) -> Path:
    """Returns the path of the model to serve; trains it first if an input has changed.

    ``questions`` are FAQ questions and variants. Takes about 30 s on two cores. Raises PartFailed, which names the log
    file, if training fails.
    """
    write_questions(paths.root, questions)
    if found := trained(paths):
        progress(1.0, say("rasa.sin_cambios"))
        return found
    model = _model(paths)
    await _run_rasa(paths, model, progress)
    forget_old_models(paths.models)
    log.info("rasa: model trained", model=model.name)
    progress(1.0, say("rasa.listo"))
    return model


def fingerprint(root: Path) -> str:
    """Returns a hash (16 hex digits) of all inputs of the model."""
    digest = hashlib.sha256()
    for path in sorted(_input_files(root)):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def forget_old_models(folder: Path) -> None:
    """Deletes all models except the newest KEPT_MODELS."""
    models = sorted(folder.glob(f"{MODEL_PREFIX}*.tar.gz"), key=lambda model: model.stat().st_mtime, reverse=True)
    for model in models[KEPT_MODELS:]:
        model.unlink()


def _input_files(root: Path) -> Iterable[Path]:
    for name in INPUTS:
        path = root / name
        yield from path.glob("*.yml") if path.is_dir() else [path]


def _is_whole(model: Path) -> bool:
    """Returns whether the model file exists and its gzip checksum is correct."""
    try:
        with gzip.open(model) as file:
            return sum(map(len, iter(partial(file.read, PIECE_BYTES), b""))) > 0
    except FileNotFoundError:
        return False
    except (OSError, EOFError, zlib.error) as error:
        log.warning("rasa: model damaged", model=model.name, problem=str(error))
        return False


async def _run_rasa(paths: TrainingPaths, model: Path, progress: Progress) -> None:
    fresh = paths.models / "new"
    fresh.mkdir(parents=True, exist_ok=True)
    paths.log.parent.mkdir(parents=True, exist_ok=True)
    progress(0.0, say("rasa.entrenando"))
    code = await _logged(paths, _command(paths, fresh, model.name), progress)
    if code != 0 or not (fresh / model.name).exists():
        raise PartFailed(part="rasa train", exit_code=code, log=paths.log)
    os.replace(fresh / model.name, model)


def command_line(environment: Path) -> list[str]:
    """Returns the beginning of every Rasa command: the Python of Rasa's virtual environment, and command.py."""
    return [str(environment / "bin" / "python"), str(COMMAND)]


def _command(paths: TrainingPaths, out: Path, name: str) -> list[str]:
    inputs = ["--domain", "domain.yml", "--config", "config.yml", "--data", "data/nlu", "data/rules"]
    output = ["--out", str(out), "--fixed-model-name", name.removesuffix(".tar.gz"), "--skip-validation", "--force"]
    return [*command_line(paths.rasa), "train", *inputs, *output]


async def _logged(paths: TrainingPaths, command: list[str], progress: Progress) -> int:
    """Runs the command and returns its exit code; writes its output to the log file and reports progress."""
    environment = {**os.environ, **QUIET, "RASA_CACHE_DIRECTORY": str(paths.models / "new" / "cache")}  # stays empty
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=paths.root,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=partial(die_with_parent, signal.SIGKILL),
    )
    try:
        await _follow(process.stdout, paths.log, progress)
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise


async def _follow(output: asyncio.StreamReader | None, log_file: Path, progress: Progress) -> None:
    if output is None:
        return
    done = 0
    rest = ""
    with log_file.open("wb") as file:
        while chunk := await output.read(PIECE_BYTES):  # not line by line: Rasa's progress bars are very long lines
            file.write(chunk)
            finished, _, rest = (rest + chunk.decode(errors="replace")).rpartition("\n")
            rest = rest[-PIECE_BYTES:]
            for component in TRAINED.findall(finished):
                done += 1
                progress(min(0.95, done / TRAINED_COMPONENTS), say("rasa.componente", componente=component))
