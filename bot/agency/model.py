"""Reads and validates agency.yml and returns it as a frozen ``Agency``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.agency.alarm_settings import AlarmFile, AlarmSettings, mail_address
from bot.agency.answer_settings import AnswersFile
from bot.agency.citizen_texts import texts_problem
from bot.agency.crisis_settings import CrisisFile, CrisisSettings, EmergencyFile, emergency_texts
from bot.agency.desk_settings import DeskFile, DeskSettings, TeamFile, routes_problem
from bot.agency.editing_settings import EditingFile
from bot.agency.figure_settings import FigureSegment, FiguresFile, Home
from bot.agency.front_page import MUNICIPALITY, FrontPage, FrontPageFile
from bot.agency.offices import OPENSTREETMAP, MapFile, Office, OfficesFile, offices
from bot.agency.privacy_settings import PrivacyFile, PrivacySettings
from bot.agency.report_settings import ReportFile
from bot.agency.schedule import ClosureFile, HolidaysFile, Schedule, WeekFile, schedule
from bot.agency.segments import Segment, SegmentFile, dimensions_problem
from bot.agency.territory import Territory, TerritoryFile
from bot.agency.whatsapp_prices import Prices
from bot.agency.whatsapp_templates import Templates, WhatsAppFile
from bot.core.errors.contents import InvalidAgency
from bot.core.messages import Channel
from bot.core.roles import known_role, roles_with_second_factor
from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from bot.text.emergency_numbers import emergency_numbers_in

KEY_OF_A_DICTIONARY = "[key]"  # part of pydantic's error location if a dictionary's key, not its value, is wrong

LEAST_WEB_HOURS = 24  # a web conversation stays in Redis at least that long, even if browsers forget it earlier

Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$")]


class _Security(BaseModel):
    model_config = ConfigDict(extra="forbid")
    segundo_factor: list[Annotated[str, AfterValidator(known_role)]] = Field(default_factory=roles_with_second_factor)
    sello_correos: list[Annotated[str, AfterValidator(mail_address)]] = []

    def read(self) -> dict[str, Any]:
        return {"second_factor": tuple(self.segundo_factor), "seal_mails": tuple(self.sello_correos)}


class _File(BaseModel):
    """The contents of agency.yml as written; the keys are Spanish because the agency's staff edit the file."""

    model_config = ConfigDict(extra="forbid")
    nombre: str
    nombre_corto: str
    asistente: str
    comuna: str = ""
    sitio: str
    privacidad: str
    sitios_del_chat: list[Origin] = []
    chat_sin_uso_horas: int = Field(default=96, ge=1, le=168)
    conservacion_dias: int = Field(default=90, ge=1, le=3650)
    conservacion_auditoria_dias: int = Field(default=730, ge=365, le=3650)
    telefono: str
    telefonos_cortos: list[Annotated[str, Field(pattern=r"^1\d{2,3}$")]] = []
    correo: str
    zona_horaria: str = "America/Santiago"
    color: str = Field(default="#1f5f4f", pattern=r"^#[0-9a-fA-F]{6}$")
    direcciones: OfficesFile = {}
    mapa: MapFile = OPENSTREETMAP
    portada: FrontPageFile = FrontPageFile()
    horario: WeekFile
    feriados: HolidaysFile = "CL"
    cierres: list[ClosureFile] = []
    equipos: dict[str, TeamFile] = Field(min_length=1)
    equipo_por_defecto: str
    mesa: DeskFile = DeskFile()
    respuestas: AnswersFile = AnswersFile()
    edicion: EditingFile = EditingFile()
    datos_personales: PrivacyFile = PrivacyFile()
    seguridad: _Security = _Security()
    publicos: dict[str, SegmentFile] = {}
    territorio: TerritoryFile | None = None
    whatsapp: WhatsAppFile = WhatsAppFile()
    textos: dict[str, str]
    emergencias: dict[str, EmergencyFile]
    alarma: AlarmFile = AlarmFile()
    crisis: CrisisFile = CrisisFile()
    informe: ReportFile = ReportFile()
    cifras: FiguresFile = FiguresFile()

    @field_validator("textos")
    @classmethod
    def _texts(cls, texts: dict[str, str]) -> dict[str, str]:
        if problem := texts_problem(texts):
            raise ValueError(problem)
        return texts

    @field_validator("publicos")
    @classmethod
    def _segments(cls, segments: dict[str, SegmentFile]) -> dict[str, SegmentFile]:
        if problem := dimensions_problem(segments):
            raise ValueError(problem)
        return segments

    @model_validator(mode="after")
    def _team(self) -> _File:
        if self.equipo_por_defecto not in self.equipos:
            raise ValueError(f"equipo_por_defecto «{self.equipo_por_defecto}» no está en equipos")
        options = {name: public.opciones for name, public in self.publicos.items()}
        placed = "territorio necesita comuna" if self.territorio and not self.comuna else ""
        routed = routes_problem(self.mesa, self.equipos, options)
        if problem := placed or routed or self.cifras.problem(self.publicos):
            raise ValueError(problem)
        if "general" not in self.emergencias:
            raise ValueError("emergencias necesita el grupo «general»")
        return self


@dataclass(frozen=True)
class Agency:
    """The agency's configuration as the code uses it."""

    name: str
    short_name: str
    assistant: str
    comuna: str  # key of the commune; '' if the agency is no municipality
    site: str
    privacy_url: str
    chat_sites: tuple[str, ...]  # origins that may embed the chat
    chat_idle_hours: int  # after which a browser deletes an idle conversation
    keep_days: int
    audit_days: int
    phone: str
    short_numbers: tuple[str, ...]
    email: str
    timezone: str
    color: str
    offices: tuple[Office, ...]
    map_template: str  # URL of a map with ADDRESS of offices.py, '' for no links
    front_page: FrontPage
    hours: dict[str, list[str]]  # as written, for display: Spanish weekday -> ranges such as ``08:30-14:00``
    schedule: Schedule
    team_schedules: dict[str, Schedule]
    teams: dict[str, str]  # key -> name
    team_mails: dict[str, str]  # key -> e-mail address, of the teams that have one
    default_team: str
    desk: DeskSettings
    risk: float  # accepted number of wrong answers per 100
    max_choices: int
    hours_entry: str  # id of the FAQ entry about the opening hours; '' for none
    own_topics: frozenset[str]  # ids or bodies of out-of-scope topics that the agency handles itself
    privacy: PrivacySettings
    four_eyes: bool  # a second person approves each change of an entry
    debounce_ms: dict[Channel, int]
    second_factor: tuple[str, ...]  # roles that must use 2FA
    seal_mails: tuple[str, ...]  # recipients of the audit's newest seal
    segments: dict[str, Segment]  # audience dimension -> the question for citizens and its options
    figure_segments: tuple[FigureSegment, ...]  # known facts by which figures are divided
    territory: Territory | None
    templates: Templates
    whatsapp_prices: Prices | None
    texts: dict[str, str]  # Markdown
    emergencies: dict[str, str]  # kind -> reply in Markdown
    emergency_silent: dict[str, str]  # kind -> reply in Markdown to a citizen who cannot call
    emergency_notices: dict[str, str]  # kind -> one line, shown when a message may describe such an emergency
    alarm: AlarmSettings
    crisis: CrisisSettings
    report_mails: tuple[str, ...]  # recipients of the monthly report
    emergency_protocols: dict[str, tuple[str, ...]]  # kind -> the steps that staff follow

    def emergency_reply(self, kind: str) -> str:
        """Returns the reply to an emergency of the kind ``kind``; the general reply if that kind has none."""
        return self.emergencies.get(kind) or self.emergencies["general"]

    def emergency_notice(self, kind: str) -> str:
        """Returns the notice for a message that may describe an emergency of ``kind``, or else the general reply."""
        return self.emergency_notices.get(kind) or self.emergencies["general"]

    def emergency_numbers(self, kind: str) -> tuple[str, ...]:
        """Returns the numbers to call in an emergency of ``kind``: the bold numbers of 3 or 4 digits in its reply."""
        return emergency_numbers_in(self.emergency_reply(kind))

    def say(self, key: str, **values: object) -> str:
        """Returns the citizens' text ``key`` with each given ``{name}`` replaced; other placeholders stay."""
        text = self.texts[key].strip()
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    @property
    def is_municipality(self) -> bool:
        return self.front_page.kind_of(self.name) == MUNICIPALITY

    @property
    def published_segments(self) -> tuple[str, ...]:
        """Returns the keys of the segments that the public page shows."""
        return tuple(one.key for one in self.figure_segments if one.is_public)

    @property
    def web_idle_s(self) -> int:
        """Returns after how many seconds without events a web conversation leaves Redis.

        At least LEAST_WEB_HOURS; a browser may forget it earlier, for example on shared computers.
        """
        return max(self.chat_idle_hours, LEAST_WEB_HOURS) * 3600

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def now(self) -> datetime:
        """Returns the current time in the agency's time zone."""
        return datetime.now(self.zone)

    def today(self) -> date:
        """Returns the current date in the agency's time zone."""
        return self.now().date()

    def teams_now(self, teams: Sequence[str]) -> tuple[str, ...]:
        """Returns ``teams``, plus the default team if ``teams`` includes a removed team, whose tickets moved there."""
        return tuple(dict.fromkeys([*teams, *(self.default_team for team in teams if team not in self.teams)]))

    @classmethod
    def from_file(cls, raw: _File) -> Agency:
        return cls(
            name=raw.nombre,
            short_name=raw.nombre_corto,
            assistant=raw.asistente,
            comuna=raw.comuna,
            site=raw.sitio,
            privacy_url=raw.privacidad,
            chat_sites=tuple(raw.sitios_del_chat),
            chat_idle_hours=raw.chat_sin_uso_horas,
            keep_days=raw.conservacion_dias,
            audit_days=raw.conservacion_auditoria_dias,
            phone=raw.telefono,
            short_numbers=tuple(raw.telefonos_cortos),
            email=raw.correo,
            timezone=raw.zona_horaria,
            color=raw.color,
            offices=tuple(offices(raw.direcciones, raw.mapa)),
            map_template=raw.mapa,
            front_page=raw.portada.read(),
            **_hours_and_teams(raw),  # hours, schedule, teams, team_...
            default_team=raw.equipo_por_defecto,
            desk=raw.mesa.read({key: team.max_en_espera for key, team in raw.equipos.items() if team.max_en_espera}),
            **raw.respuestas.read(),  # risk, max_choices, hours_entry, own_topics, debounce_ms
            privacy=raw.datos_personales.read(),
            four_eyes=raw.edicion.cuatro_ojos,
            **raw.seguridad.read(),  # second_factor, seal_mails
            segments={dimension: public.read() for dimension, public in raw.publicos.items()},
            figure_segments=raw.cifras.read(raw.publicos, Home(raw.comuna, raw.nombre_corto)),
            territory=raw.territorio.read() if raw.territorio else None,
            templates=raw.whatsapp.read(),
            whatsapp_prices=raw.whatsapp.prices,
            texts=_with_defaults(raw.textos),
            alarm=raw.alarma.read(),
            crisis=raw.crisis.read(),
            report_mails=tuple(raw.informe.correos),
            **emergency_texts(raw.emergencias),  # emergencies, emergency_...
        )


def _hours_and_teams(raw: _File) -> dict[str, Any]:
    return {
        "hours": raw.horario,
        "schedule": schedule(raw.horario, raw.feriados, raw.cierres),
        "team_schedules": {key: team.read(raw.horario, raw.feriados, raw.cierres) for key, team in raw.equipos.items()},
        "teams": {key: team.nombre for key, team in raw.equipos.items()},
        "team_mails": {key: team.correo for key, team in raw.equipos.items() if team.correo},
    }


def _with_defaults(texts: dict[str, str]) -> dict[str, str]:
    return {**area("agency")["textos"], **{key: text for key, text in texts.items() if text.strip()}}


def _invalid(path: Path, error: ValidationError) -> InvalidAgency:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != KEY_OF_A_DICTIONARY) or "(raíz)"
    return InvalidAgency(file=path.name, field=field, problem=first["msg"].removeprefix("Value error, "))


def load_agency(path: Path) -> Agency:
    """Reads and validates agency.yml. Raises InvalidAgency with the file and the invalid line or field."""
    try:
        raw: Any = read_yaml_file(path)
        return Agency.from_file(_File.model_validate(raw))
    except ValidationError as error:
        raise _invalid(path, error) from error
    # ValueError: also text that is not UTF-8, and a date that does not exist.
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise InvalidAgency(file=path.name, problem=" ".join(str(error).split())) from error
