"""Reads the sections ``mesa`` and ``equipos`` of agency.yml: the rules for tickets, approvals and call-backs; teams."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from bot.agency.alarm_settings import mail_address
from bot.agency.schedule import ClosureFile, HolidaysFile, Schedule, WeekFile, schedule
from bot.agency.territory import is_number
from bot.core.messages import Channel
from bot.core.texts import say
from bot.text.languages import Language

TEAM, CHANNEL, COMMUNE, LANGUAGE = "equipo", "canal", "comuna", "idioma"
# The allowed values of the dimensions that are known without asking the citizen.
OF_OURS: Mapping[str, Container[str]] = {CHANNEL: set(Channel), LANGUAGE: set(Language)}
MAX_DAYS = 365
MAX_CAPACITY = 50


@dataclass(frozen=True)
class Route:
    """A routing rule: handoffs that match all of ``when`` (dimension -> value) go to ``team``."""

    when: Mapping[str, str]
    team: str


@dataclass(frozen=True)
class ApprovalRule:
    """An approval rule: answers with a confidence below ``below`` wait up to ``wait_s`` seconds for approval."""

    below: float
    wait_s: int


@dataclass(frozen=True)
class DeskSettings:
    """The desk's rules for tickets, approvals, call-backs and complaints."""

    lease_s: int = 90  # seconds without a heartbeat after which an agent counts as gone
    answer_s: int = 600  # seconds that an agent may owe an answer before losing the ticket; 0: no limit
    snooze_h: int = 12  # hours that a snoozed ticket waits for the citizen to write
    capacity: int = 4  # maximum of simultaneous tickets per agent, unless the account has its own maximum
    assigns: bool = False  # whether tickets are auto-assigned
    routes: tuple[Route, ...] = ()  # the first match decides the team
    full_at: int | None = None  # with this many waiting tickets in total, all queues count as full; None: no limit
    full_at_of_team: Mapping[str, int] = field(default_factory=dict)  # team -> waiting tickets that fill its queue
    calls_back: bool = True  # citizens may ask for a call-back
    keep_contact_days: int = 30  # days that a citizen's contact is kept after the call-back's outcome
    keep_complaint_days: int = 365  # days that a complaint is kept after its last change
    approval: ApprovalRule | None = None  # None: no answer waits for approval

    def team_for(self, team: str, facts: Mapping[str, str]) -> str:
        """Returns the team of the first matching route; the requested ``team`` if no route matches.

        ``facts`` maps dimensions to the citizen's known values. If the language is unknown, Spanish is assumed.
        """
        known = {LANGUAGE: Language.SPANISH, **facts, TEAM: team}
        fits = (route for route in self.routes if all(known.get(name) == value for name, value in route.when.items()))
        return next((route.team for route in fits), team)


class RouteFile(BaseModel):
    """One rule of ``rutas`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    si: dict[str, str] = Field(min_length=1)
    equipo: str


class ApprovalFile(BaseModel):
    """The section ``aprobacion`` as written in agency.yml."""

    model_config = ConfigDict(extra="allow")
    bajo: Any = 0.95
    espera_s: Any = 20

    def read(self) -> ApprovalRule:
        return ApprovalRule(float(self.bajo), self.espera_s)

    @property
    def problem(self) -> str:
        """Returns a Spanish message about the first error in the section; '' if the section is valid."""
        for key in self.model_extra or {}:
            return say("agency.problemas.aprobacion_clave", clave=key)
        if not is_number(self.bajo) or not 0 < self.bajo <= 1:
            return say("agency.problemas.aprobacion_bajo", valor=self.bajo)
        if not isinstance(self.espera_s, int) or not is_number(self.espera_s) or not 5 <= self.espera_s <= 120:
            return say("agency.problemas.aprobacion_espera", valor=self.espera_s)
        return ""


class DeskFile(BaseModel):
    """The section ``mesa`` as written in agency.yml."""

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
    conservar_reclamos_dias: int = Field(default=365, ge=30, le=3650)
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
            keep_complaint_days=self.conservar_reclamos_dias,
            approval=self.aprobacion.read() if self.aprobacion else None,
        )


def routes_problem(desk: DeskFile, teams: Container[str], segments: Mapping[str, Container[str]]) -> str:
    """Returns a Spanish message about the first invalid route; '' if all are valid.

    ``segments`` maps each dimension of ``publicos`` to its allowed values.
    """
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


class TeamFile(BaseModel):
    """A team in agency.yml.

    ``horario`` and ``feriados`` replace the agency's; ``cierres`` are added to the agency's.
    """

    model_config = ConfigDict(extra="forbid")
    nombre: str
    horario: WeekFile | None = None
    feriados: HolidaysFile | None = None
    cierres: list[ClosureFile] = []
    max_en_espera: int | None = Field(default=None, ge=1)
    correo: Annotated[str, AfterValidator(mail_address)] = ""

    def read(self, week: WeekFile, holidays: HolidaysFile, closures: list[ClosureFile]) -> Schedule:
        """Returns the team's schedule; the arguments are the agency's settings."""
        own_week = week if self.horario is None else self.horario
        own_holidays = holidays if self.feriados is None else self.feriados
        return schedule(own_week, own_holidays, [*closures, *self.cierres])
