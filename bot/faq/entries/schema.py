"""Defines the names of the header fields of an FAQ file, including the display fields of display_fields.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from bot.core.yaml import read_yaml_file

# The fields in the order in which a file has them; the display fields follow, then the audience.
ORDER = ("id", "pregunta", "variantes", "tema", "equipo", "fuente", "fuente_nombre", "responsable", "revisado", "vence")
AUDIENCE = "audiencia"
OPTIONAL = ("fuente_nombre", "vence", AUDIENCE)
REQUIRED = tuple(name for name in ORDER if name not in OPTIONAL)
ANSWER = "respuesta"  # column of an imported spreadsheet; in an FAQ file, the answer is the body
COUNTEREXAMPLES = "no_responde"  # column of a spreadsheet, too; in files, they are lines of the phrases file
DATES = ("revisado", "vence")
DISPLAY_FILE = Path(__file__).with_name("display_fields.yml")


class DisplayField(BaseModel):
    """A field that is shown below the answer as a line: ``label``, then the entry's value."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1)
    kind: Literal["text", "date"]


def _free(key: str) -> str:
    """Returns the name of a display field unchanged; raises ValueError if another field already has this name."""
    if key in {*REQUIRED, *OPTIONAL, ANSWER, COUNTEREXAMPLES}:
        raise ValueError(f"{key} is a field already")
    return key


_Name = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$"), AfterValidator(_free)]
_LIST = TypeAdapter(dict[_Name, DisplayField])


def display_fields() -> Mapping[str, DisplayField]:
    """Returns the display fields, keyed by name, in the file's order; raises ValidationError if the file is invalid."""
    return _read(DISPLAY_FILE)


@cache
def _read(file: Path) -> Mapping[str, DisplayField]:
    return _LIST.validate_python(read_yaml_file(file))


def optional_names() -> tuple[str, ...]:
    """Returns the names of all optional header fields."""
    return (*OPTIONAL, *display_fields())


def column_names() -> tuple[str, ...]:
    """Returns the names that a column of a spreadsheet may have: header fields, the answer and the counterexamples."""
    return (ANSWER, *field_names(), COUNTEREXAMPLES)


def field_names() -> tuple[str, ...]:
    """Returns the names of all header fields."""
    return (*REQUIRED, *optional_names())


def field_order() -> tuple[str, ...]:
    """Returns the names of all header fields in the order of a new file."""
    return (*ORDER, *display_fields(), AUDIENCE)


def date_names() -> tuple[str, ...]:
    """Returns the names of all header fields that contain a date."""
    return (*DATES, *(name for name, one in display_fields().items() if one.kind == "date"))
