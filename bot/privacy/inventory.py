"""Reads inventory.yml: the personal data in each table, key and file, its purpose, retention, readers and notice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.core.messages import Channel
from bot.core.texts import area
from bot.core.yaml import read_yaml_file

FILE = Path(__file__).with_suffix(".yml")
OF_STAFF = "funcionarios"  # value of ``aviso`` for data that concern only staff


class _Entry(BaseModel):
    """A kind of stored data: its purpose (``para``), how long it is kept (``hasta``), and who may read it (``ven``).

    ``aviso`` is the key of its row in the privacy notice, or OF_STAFF if it needs none.
    """

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


class Level(BaseModel):
    """A protection level: its requirements, and the columns, keys and files that it covers.

    ``columnas`` maps a table to columns; a table of Rasa's is named ``rasa.<table>``. ``pruebas`` are the tests that
    prove the requirements. ``falta`` says which requirement is not met yet; '' if none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    que: str
    acceso: str
    cifrado: str
    base: str
    integridad: str
    conservacion: str
    registros: str
    privacidad: str
    falta: str = ""
    columnas: dict[str, tuple[str, ...]]
    claves: tuple[str, ...]
    archivos: tuple[str, ...]
    pruebas: tuple[str, ...] = Field(min_length=1)


class Writing(BaseModel):
    """Who may change which columns (``columnas``, keyed by table), and on what condition (``si``).

    ``permiso`` is the required Permission, '' for citizens and for changes that every account may make.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    quien: str
    permiso: str = ""
    columnas: dict[str, tuple[str, ...]]
    si: str


class Inventory(BaseModel):
    """The whole inventory; the keys are Spanish because the agency's lawyer reads the file.

    Names ending in ``_sin_datos`` list tables and keys without personal data. ``en_el_codigo`` lists every file that
    the code writes into the home folder. ``direcciones`` lists every setting whose address is internal or that of a
    processor listed elsewhere.
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
    niveles: dict[str, Level] = Field(min_length=1)
    escriben: tuple[Writing, ...] = Field(min_length=1)

    def level_of(self, name: str, column: str = "") -> str:
        """Returns the name of the level of a table's ``column``, or of the key or file ``name``; '' if it has none."""
        for level, one in self.niveles.items():
            if column in one.columnas.get(name, ()) if column else name in {*one.claves, *one.archivos}:
                return level
        return ""


def processors() -> dict[str, Processor]:
    """Returns all processors: those of the channels, from ``encargado`` of their texts, then those of the inventory."""
    of_channels = {one.value: area(one)["encargado"] for one in Channel if area(one).get("encargado")}
    return {name: Processor.model_validate(one) for name, one in of_channels.items()} | inventory().encargados


@cache
def inventory() -> Inventory:
    """Returns the inventory. Raises pydantic.ValidationError."""
    return Inventory.model_validate(read_yaml_file(FILE))


def notice_table() -> str:
    """Returns the table of the privacy notice as Markdown, with the notice's placeholders."""
    rows = (f"| {one.que} | {one.para} | {one.cuanto} |" for one in inventory().aviso.values())
    return "\n".join(("| Qué | Para qué | Cuánto tiempo |", "|---|---|---|", *rows))
