"""Reads inventory.yml: the personal data in each table, key and file, its purpose, retention, readers and notice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.messages import Channel
from bot.core.texts import area
from bot.core.yaml import read_yaml

FILE = Path(__file__).with_suffix(".yml")
OF_STAFF = "funcionarios"  # ``aviso`` of what concerns staff alone


class _Entry(BaseModel):
    """Stored data: what for (``para``), until when (``hasta``), who sees it (``ven``), and its row in the notice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    para: str
    hasta: str
    aviso: str
    ven: str = ""


class TableEntry(_Entry):
    """A table: its columns with personal data (``datos``) and its other columns (``otras``)."""

    datos: tuple[str, ...]
    otras: tuple[str, ...] = ()


class Processor(BaseModel):
    """An organization (``quien``) that receives data (``que``), and the setting (``con``) that enables this.

    ``fuera`` is true if the organization is abroad.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    quien: str
    que: str
    fuera: bool
    con: str


class NoticeRow(BaseModel):
    """A row of the privacy notice: which data (``que``), what for (``para``), and how long (``cuanto``).

    ``cuanto`` may contain the placeholders of the notice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    que: str
    para: str
    cuanto: str


class Inventory(BaseModel):
    """The whole inventory; the keys are Spanish because the agency's lawyer reads the file.

    Names ending in ``_sin_datos`` list what contains no personal data; ``en_el_codigo`` lists every file that the code
    writes into the home folder, ``direcciones`` the settings with addresses that are no further processors.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    tablas: dict[str, TableEntry] = Field(min_length=1)
    tablas_sin_datos: frozenset[str]
    rasa: dict[str, TableEntry]
    claves: dict[str, _Entry]
    claves_sin_datos: frozenset[str]
    aviso: dict[str, NoticeRow]
    archivos: dict[str, _Entry]
    en_el_codigo: frozenset[str]
    encargados: dict[str, Processor]
    direcciones: frozenset[str]


def processors() -> dict[str, Processor]:
    """Returns all processors: those of the channels, from ``encargado`` of their texts, then those of the inventory."""
    of_channels = {one.value: area(one)["encargado"] for one in Channel if area(one).get("encargado")}
    return {name: Processor.model_validate(one) for name, one in of_channels.items()} | inventory().encargados


@cache
def inventory() -> Inventory:
    """Returns the inventory. Raises pydantic.ValidationError."""
    return Inventory.model_validate(read_yaml(FILE.read_text(encoding="utf-8")))


def notice_table() -> str:
    """Returns the table of the privacy notice as Markdown, with the notice's placeholders."""
    rows = (f"| {one.que} | {one.para} | {one.cuanto} |" for one in inventory().aviso.values())
    return "\n".join(("| Qué | Para qué | Cuánto tiempo |", "|---|---|---|", *rows))
