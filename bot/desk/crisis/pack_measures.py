"""Parses the measures in a pack's file (Spanish keys), and selects those for teams and entries that the agency has.

A pack is a prepared public notice (packs.py).
"""

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
    """The queue's rules: ``saturada`` is the text for citizens who ask for a person.

    If ``llamada`` is true, these citizens are offered a call-back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    saturada: str = Field(default="", max_length=MAX_WORD)
    llamada: bool = False


class FirstFile(BaseModel):
    """The citizens to attend first: those who wait for these teams, asked about these entries or wrote these words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    equipos: tuple[str, ...] = ()
    respuestas: tuple[str, ...] = ()
    palabras: tuple[Annotated[str, Field(pattern=r"^[^,]{3,40}$")], ...] = ()


class MeasuresFile(BaseModel):
    """The measures of a pack; ``horario`` maps each team, or ``todas``, to the opening hours of every day.

    ``certeza`` is the minimum probability for answering, in percent. ``retira`` are ids of entries that must not
    answer; ``cambia`` maps ids of entries to the texts that replace their answers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    fila: QueueFile = QueueFile()
    primero: FirstFile = FirstFile()
    certeza: int | None = Field(default=None, ge=50, le=99)
    horario: dict[str, Hours] = {}
    retira: tuple[str, ...] = ()
    cambia: dict[str, Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]] = {}

    def read(self) -> tuple[Measure, ...]:
        """Returns the measures in the order in which pages list them."""
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
    """Returns the measures without those for unknown teams or entries, which would change nothing."""
    return tuple(one for one in measures if not missing(one, teams, entries))


def missing(one: Measure, teams: Collection[str], entries: Collection[str]) -> bool:
    """Returns whether the measure refers to a team or an entry that does not exist."""
    if one.kind in OF_TEAMS:
        return bool(one.target) and one.target not in teams
    return one.kind in OF_ENTRIES and one.target not in entries


def all_of(*offered: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """Returns the measures of all groups in order; of several measures with the same key, only the first."""
    found: dict[str, Measure] = {}
    for some in offered:
        for one in some:
            found.setdefault(one.key, one)
    return tuple(found.values())


def _team(written: str) -> str:
    return "" if written == EVERYBODY else written
