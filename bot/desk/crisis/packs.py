"""Reads packs, which are prepared before a crisis: a notice with placeholders, measures, canned replies, a checklist.

Packs are the YAML files in data/crisis, which an agency edits beforehand.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.core.logs import log
from bot.core.yaml import read_yaml_file
from bot.desk.crisis.form import DEFAULT_HOURS
from bot.desk.crisis.pack_measures import MeasuresFile
from bot.public_notices.last_resort import MAX_CHARACTERS
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import Severity

FOLDER = "crisis"


class PackReply(BaseModel):
    """A canned reply of a pack, with its shortcut (``atajo``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    atajo: str = Field(pattern=r"^[a-z0-9ñ][a-z0-9ñ-]{0,29}$")
    texto: str = Field(min_length=1, max_length=2000)


class Pack(BaseModel):
    """A pack; ``aviso`` is the notice, with placeholders in square brackets, and ``sobre`` are its utterances.

    ``horas`` is how long it runs, ``respuestas`` are canned replies, ``lista`` is the checklist.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    titulo: str = Field(min_length=1, max_length=60)
    gravedad: Severity = Severity.IMPORTANT
    horas: int = DEFAULT_HOURS
    aviso: str = Field(min_length=1, max_length=MAX_CHARACTERS)
    sobre: tuple[str, ...] = ()
    reemplaza: tuple[str, ...] = ()  # ids of the FAQ entries that the notice replaces
    medidas: MeasuresFile = MeasuresFile()  # other changes in force while the notice runs
    respuestas: tuple[PackReply, ...] = ()
    lista: tuple[str, ...] = ()

    def measures(self) -> tuple[Measure, ...]:
        """Returns the measures, then the canned replies as measures, in the order in which pages list them."""
        canned = (Measure(Kind.CANNED, one.atajo, one.texto.strip()) for one in self.respuestas)
        return (*self.medidas.read(), *canned)


def packs(data: Path) -> dict[str, Pack]:
    """Returns the packs of ``data``/crisis, keyed by file name without ``.yml``; logs and skips files with errors.

    The files are read again when a file has changed.
    """
    return _read(tuple((file, _changed_at(file)) for file in sorted((data / FOLDER).glob("*.yml"))))


def _changed_at(file: Path) -> int:
    """Returns when the file was changed, in ns since 1970; 0 if it has just been removed."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=2)
def _read(files: tuple[tuple[Path, int], ...]) -> dict[str, Pack]:
    found: dict[str, Pack] = {}
    for file, _ in files:
        try:
            found[file.stem] = read_pack(file)
        except (OSError, ValueError, yaml.YAMLError) as error:
            log.warning("packs: file not readable", file=file.name, error=type(error).__name__)
    return found


def read_pack(file: Path) -> Pack:
    """Reads a pack; raises OSError, yaml.YAMLError or ValueError (ValidationError)."""
    return Pack.model_validate(read_yaml_file(file))
