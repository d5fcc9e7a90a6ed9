"""The names of an FAQ file's header fields: the one list that the reader, its hints and sheets share.

Fields that are only shown, in a line below the answer, stand in display_fields.yml.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

REQUIRED = ("id", "pregunta", "variantes", "tema", "equipo", "fuente", "responsable", "revisado")
OPTIONAL = ("fuente_nombre", "vence", "audiencia")
ANSWER = "respuesta"
"""A sheet's column of the answer, which a file has below its header."""
DATES = ("revisado", "vence")
DISPLAY_FILE = Path(__file__).with_name("display_fields.yml")


class DisplayField(BaseModel):
    """A field that the answer shows in a line: ``label``, then what the entry says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: str = Field(min_length=1)
    kind: Literal["text", "date"]


def _free(key: str) -> str:
    """Passes a name on that no field has. Raises ValueError."""
    if key in {*REQUIRED, *OPTIONAL, ANSWER}:
        raise ValueError(f"{key} is a field already")
    return key


_Name = Annotated[str, Field(pattern=r"^[a-z]+(_[a-z]+)*$"), AfterValidator(_free)]
_LIST = TypeAdapter(dict[_Name, DisplayField])


def display_fields() -> Mapping[str, DisplayField]:
    """Returns the fields that answers show, by name, in their order. Raises ValidationError."""
    return _read(DISPLAY_FILE)


@cache
def _read(file: Path) -> Mapping[str, DisplayField]:
    return _LIST.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))


def optional_names() -> tuple[str, ...]:
    """Lists the fields that an entry may lack."""
    return (*OPTIONAL, *display_fields())


def field_names() -> tuple[str, ...]:
    """Lists every field that a header may have."""
    return (*REQUIRED, *optional_names())


def date_names() -> tuple[str, ...]:
    """Lists the fields that hold a date."""
    return (*DATES, *(name for name, one in display_fields().items() if one.kind == "date"))
