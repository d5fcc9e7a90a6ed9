"""How conversations are given out and taken back: the section ``mesa`` of agency.yml. Read by bot/agency/model.py."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.messages import Channel
from bot.core.texts import say
from bot.text.languages import Language

TEAM, CHANNEL, COMMUNE, LANGUAGE = "equipo", "canal", "comuna", "idioma"
OF_OURS: Mapping[str, Container[str]] = {CHANNEL: set(Channel), LANGUAGE: set(Language)}
"""The values of what is known without asking."""
MAX_DAYS = 365
MAX_CAPACITY = 50


@dataclass(frozen=True)
class Route:
    """Who asks and for what (``when``: dimension -> value, all of them), and the ``team`` that sees to it then."""

    when: Mapping[str, str]
    team: str


@dataclass(frozen=True)
class ApprovalRule:
    """Answers less certain than ``below`` wait ``wait_s`` for a person's OK."""

    below: float
    wait_s: int


@dataclass(frozen=True)
class DeskSettings:
    """``lease_s``: an agent whose browser was silent for longer is gone; ``answer_s``: an agent who owes an answer for
    longer loses the conversation (0: never); ``snooze_h``: for how long a silent citizen is waited for; ``capacity``:
    how many conversations one agent is given at once, unless their account says it; ``assigns``: whether they are given
    out at all; ``routes``: the first that fits says which team a handoff goes to; ``full_at``, ``full_at_of_team``:
    from how many waiting people on the line is full, in all (None: never) and of a team; ``calls_back``: people may ask
    to be called, and their contact is kept ``keep_contact_days`` after the outcome; ``approval``: which answers wait
    for a person's OK, None: none does."""

    lease_s: int = 90
    answer_s: int = 600
    snooze_h: int = 12
    capacity: int = 4
    assigns: bool = False
    routes: tuple[Route, ...] = ()
    full_at: int | None = None
    full_at_of_team: Mapping[str, int] = field(default_factory=dict)
    calls_back: bool = True
    keep_contact_days: int = 30
    approval: ApprovalRule | None = None

    def team_for(self, team: str, facts: Mapping[str, str]) -> str:
        """The team of a handoff that asked for ``team``, given what is known of the citizen (``canal``, ...);
        whose language is not known speaks Spanish."""
        known = {LANGUAGE: Language.SPANISH, **facts, TEAM: team}
        fits = (route for route in self.routes if all(known.get(name) == value for name, value in route.when.items()))
        return next((route.team for route in fits), team)


class RouteFile(BaseModel):
    """One of ``rutas`` as written."""

    model_config = ConfigDict(extra="forbid")
    si: dict[str, str] = Field(min_length=1)
    equipo: str


class ApprovalFile(BaseModel):
    """``aprobacion`` as written."""

    model_config = ConfigDict(extra="allow")
    bajo: Any = 0.95
    espera_s: Any = 20

    def read(self) -> ApprovalRule:
        return ApprovalRule(float(self.bajo), self.espera_s)

    @property
    def problem(self) -> str:
        """What is wrong with it, in Spanish, or ''."""
        for key in self.model_extra or {}:
            return say("agency.problemas.aprobacion_clave", clave=key)
        if not _is_number(self.bajo) or not 0 < self.bajo <= 1:
            return say("agency.problemas.aprobacion_bajo", valor=self.bajo)
        if not isinstance(self.espera_s, int) or not _is_number(self.espera_s) or not 5 <= self.espera_s <= 120:
            return say("agency.problemas.aprobacion_espera", valor=self.espera_s)
        return ""


class DeskFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    senal_perdida_s: int = Field(default=90, ge=30, le=600)
    sin_respuesta_min: int = Field(default=10, ge=0, le=240)
    espera_a_la_persona_h: int = Field(default=12, ge=1, le=72)
    asignacion_automatica: bool = False
    capacidad: int = Field(default=4, ge=1, le=MAX_CAPACITY)
    rutas: list[RouteFile] = []
    max_en_espera: int | None = Field(default=None, ge=1)
    devolver_llamadas: bool = True
    conservar_contacto_dias: int = Field(default=30, ge=1, le=MAX_DAYS)
    aprobacion: ApprovalFile | None = None

    @field_validator("aprobacion", mode="before")
    @classmethod
    def _approval(cls, written: Any) -> ApprovalFile | None:
        if written is None:
            return None
        if not isinstance(written, dict):
            raise ValueError(say("agency.problemas.aprobacion"))
        approval = ApprovalFile.model_validate({str(key): value for key, value in written.items()})
        if approval.problem:
            raise ValueError(approval.problem)
        return approval

    def read(self, full_at_of_team: Mapping[str, int]) -> DeskSettings:
        return DeskSettings(
            lease_s=self.senal_perdida_s,
            answer_s=self.sin_respuesta_min * 60,
            snooze_h=self.espera_a_la_persona_h,
            capacity=self.capacidad,
            assigns=self.asignacion_automatica,
            routes=tuple(Route(one.si, one.equipo) for one in self.rutas),
            full_at=self.max_en_espera,
            full_at_of_team=full_at_of_team,
            calls_back=self.devolver_llamadas,
            keep_contact_days=self.conservar_contacto_dias,
            approval=self.aprobacion.read() if self.aprobacion else None,
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def routes_problem(desk: DeskFile, teams: Container[str], segments: Mapping[str, Container[str]]) -> str:
    """What is wrong with the routes, in Spanish, or ''. ``segments``: dimension -> its values."""
    for number, route in enumerate(desk.rutas, start=1):
        for team in (route.equipo, route.si.get(TEAM, route.equipo)):
            if team not in teams:
                return say("agency.problemas.ruta_equipo", n=number, equipo=team)
        for name, value in route.si.items():
            if name not in {TEAM, CHANNEL, COMMUNE, LANGUAGE, *segments}:
                return say("agency.problemas.ruta_clave", n=number, clave=name)
            values = OF_OURS.get(name) or segments.get(name)
            if values is not None and value not in values:
                return say("agency.problemas.ruta_valor", n=number, clave=name, valor=value)
    return ""
