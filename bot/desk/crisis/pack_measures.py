"""Reads the measures of a pack as its file writes them, with Spanish keys, and keeps those that this agency knows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.agency.schedule import Span
from bot.public_notices.measures import SEPARATOR, Kind, Measure

EVERYBODY = "todas"
MAX_WORD, MAX_TEXT = 400, 1200
OF_TEAMS = (Kind.FIRST_TEAM, Kind.HOURS)
OF_ENTRIES = (Kind.FIRST_ENTRY, Kind.WITHDRAWN, Kind.CHANGED)


def _checked_hours(spans: list[str]) -> list[str]:
    for one in spans:
        Span.from_text(one)
    return spans


Hours = Annotated[list[str], AfterValidator(_checked_hours)]


class QueueFile(BaseModel):
    """The rules of the queue: ``saturada`` is said to who asks for a person; ``llamada`` offers a call-back instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    saturada: str = Field(default="", max_length=MAX_WORD)
    llamada: bool = False


class FirstFile(BaseModel):
    """Who is attended first: citizens of these teams, who asked about these entries, or who wrote these words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    equipos: tuple[str, ...] = ()
    respuestas: tuple[str, ...] = ()
    palabras: tuple[Annotated[str, Field(pattern=r"^[^,]{3,40}$")], ...] = ()


class MeasuresFile(BaseModel):
    """The measures of a pack; ``horario`` gives the hours of each day by team, or for ``todas``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fila: QueueFile = QueueFile()
    primero: FirstFile = FirstFile()
    certeza: int | None = Field(default=None, ge=50, le=99)
    horario: dict[str, Hours] = {}
    retira: tuple[str, ...] = ()
    cambia: dict[str, Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]] = {}

    def read(self) -> tuple[Measure, ...]:
        """Returns the measures in the order in which people read them."""
        word = " ".join(self.fila.saturada.split())
        queue = [Measure(Kind.OVERLOAD, value=word)] if word else []
        queue += [Measure(Kind.CALL_BACK)] if self.fila.llamada else []
        words = SEPARATOR.join(self.primero.palabras)
        return (
            *queue,
            *([Measure(Kind.FIRST_WORDS, value=words)] if words else []),
            *(Measure(Kind.FIRST_TEAM, team) for team in self.primero.equipos),
            *(Measure(Kind.FIRST_ENTRY, entry) for entry in self.primero.respuestas),
            *([Measure(Kind.CERTAINTY, value=str(self.certeza))] if self.certeza else []),
            *(Measure(Kind.HOURS, _team(team), SEPARATOR.join(spans)) for team, spans in self.horario.items()),
            *(Measure(Kind.WITHDRAWN, entry) for entry in self.retira),
            *(Measure(Kind.CHANGED, entry, text.strip()) for entry, text in self.cambia.items()),
        )


def known_measures(
    measures: tuple[Measure, ...], teams: Collection[str], entries: Collection[str]
) -> tuple[Measure, ...]:
    """Returns the measures whose team or entry exists; the others would change nothing."""
    return tuple(one for one in measures if not missing(one, teams, entries))


def missing(one: Measure, teams: Collection[str], entries: Collection[str]) -> bool:
    """Returns whether the measure names a team or an entry that does not exist."""
    if one.kind in OF_TEAMS:
        return bool(one.target) and one.target not in teams
    return one.kind in OF_ENTRIES and one.target not in entries


def all_of(*offered: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """Returns all measures that are offered; of two with the same key, the first."""
    found: dict[str, Measure] = {}
    for some in offered:
        for one in some:
            found.setdefault(one.key, one)
    return tuple(found.values())


def _team(written: str) -> str:
    return "" if written == EVERYBODY else written
