"""Reads the section ``respuestas`` of agency.yml: accepted errors, choices, entry on opening hours, debounce times."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from bot.core.channels import traits_of
from bot.core.messages import Channel

MAX_QUIET_MS = 5000


def _channel(name: str) -> Channel:
    if name not in set(Channel):
        raise ValueError(f"«{name}» no es un canal; los canales son {', '.join(Channel)}")
    return Channel(name)


class AnswersFile(BaseModel):
    """The section ``respuestas`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    max_errores_por_100: float = Field(default=5, gt=0, lt=50)
    max_opciones: int = Field(default=3, ge=2, le=3)
    entrada_horario: str = ""
    asuntos_propios: list[str] = []
    espera_rafaga_ms: dict[
        Annotated[Channel, PlainValidator(_channel)], Annotated[int, Field(ge=0, le=MAX_QUIET_MS)]
    ] = {}

    def read(self) -> dict[str, Any]:
        """Returns the fields of Agency that this section sets."""
        return {
            "risk": self.max_errores_por_100,
            "max_choices": self.max_opciones,
            "hours_entry": self.entrada_horario,
            "own_topics": frozenset(self.asuntos_propios),
            "debounce_ms": self._debounce_ms(),
        }

    def _debounce_ms(self) -> dict[Channel, int]:
        """Returns each channel's debounce time in ms: how long an incomplete message waits for the next message."""
        return {channel: self.espera_rafaga_ms.get(channel, traits_of(channel).debounce_ms) for channel in Channel}
