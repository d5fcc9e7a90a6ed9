"""Reads inventory.yml: what each table, key, file and processor holds of a person, for what, how long, who sees it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_suffix(".yml")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    para: str
    hasta: str
    ven: str = ""


class TableEntry(_Entry):
    """A table: its columns with personal data (``datos``) and the others."""

    datos: tuple[str, ...]
    otras: tuple[str, ...] = ()


class Processor(BaseModel):
    """Who else gets data: what, whether abroad (``fuera``), and the setting that turns it on (``con``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    quien: str
    que: str
    fuera: bool
    con: str


class Inventory(BaseModel):
    """The whole inventory; the keys are Spanish because the agency's lawyer reads the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    tablas: dict[str, TableEntry] = Field(min_length=1)
    tablas_sin_datos: frozenset[str]
    rasa: dict[str, TableEntry]
    claves: dict[str, _Entry]
    claves_sin_datos: frozenset[str]
    archivos: dict[str, _Entry]
    en_el_codigo: frozenset[str]
    encargados: dict[str, Processor]
    direcciones: frozenset[str]


@cache
def inventory() -> Inventory:
    """Returns the inventory. Raises pydantic.ValidationError."""
    return Inventory.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
