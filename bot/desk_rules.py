"""How conversations are given out and taken back: the section ``mesa`` of agency.yml. Read by bot/agency.py."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True)
class DeskRules:
    """``lease_s``: an agent whose browser was silent for longer is gone; ``answer_s``: an agent who owes an answer for
    longer loses the conversation (0: never); ``snooze_h``: for how long a silent citizen is waited for; ``capacity``:
    how many conversations one agent has at once."""

    lease_s: int = 90
    answer_s: int = 600
    snooze_h: int = 12
    capacity: int = 4


class DeskFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    senal_perdida_s: int = Field(default=90, ge=30, le=600)
    sin_respuesta_min: int = Field(default=10, ge=0, le=240)
    espera_a_la_persona_h: int = Field(default=12, ge=1, le=72)
    capacidad: int = Field(default=4, ge=1, le=50)

    def read(self) -> DeskRules:
        return DeskRules(
            lease_s=self.senal_perdida_s,
            answer_s=self.sin_respuesta_min * 60,
            snooze_h=self.espera_a_la_persona_h,
            capacity=self.capacidad,
        )
