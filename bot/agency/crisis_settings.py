"""Reads the sections ``crisis`` and ``emergencias`` of agency.yml: drills, contacts, and replies to emergencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MAX_CONTACTS = 24
MAX_DAYS = 366

Short = Annotated[str, Field(max_length=60)]


class ContactFile(BaseModel):
    """A person or an office to call in a crisis; the printed manual gets an extra row for an unknown ``cargo``."""

    model_config = ConfigDict(extra="forbid")
    cargo: Annotated[str, Field(min_length=1, max_length=60)]
    nombre: Short = ""
    telefono: Short = ""


class CrisisFile(BaseModel):
    """The section ``crisis`` as written in agency.yml; with ``simulacro_cada_dias`` 0, nobody is reminded of drills."""

    model_config = ConfigDict(extra="forbid")
    simulacro_cada_dias: int = Field(default=31, ge=0, le=MAX_DAYS)
    contactos: list[ContactFile] = Field(default=[], max_length=MAX_CONTACTS)

    def read(self) -> CrisisSettings:
        contacts = tuple(Contact(one.cargo, one.nombre, one.telefono) for one in self.contactos)
        return CrisisSettings(timedelta(days=self.simulacro_cada_dias), contacts)


@dataclass(frozen=True)
class Contact:
    """A person or an office to call in a crisis; ``name`` and ``phone`` may be ''."""

    role: str
    name: str
    phone: str


@dataclass(frozen=True)
class CrisisSettings:
    """The agency's preparation for a crisis; ``drill_every`` is zero if nobody is reminded of drills."""

    drill_every: timedelta
    contacts: tuple[Contact, ...] = ()


class EmergencyFile(BaseModel):
    """A kind of emergency as written in agency.yml: the reply, a one-line notice, and the steps that staff follow.

    ``sin_hablar`` is the reply to a citizen who cannot call.
    """

    model_config = ConfigDict(extra="forbid")
    respuesta: str
    sin_hablar: str = ""
    aviso: str = ""
    protocolo: list[str] = []


def emergency_texts(groups: dict[str, EmergencyFile]) -> dict[str, Any]:
    """Returns the fields of Agency with the texts of each kind of emergency."""
    return {
        "emergencies": {kind: group.respuesta.strip() for kind, group in groups.items()},
        "emergency_silent": {kind: group.sin_hablar.strip() for kind, group in groups.items() if group.sin_hablar},
        "emergency_notices": {kind: group.aviso.strip() for kind, group in groups.items() if group.aviso},
        "emergency_protocols": {kind: tuple(group.protocolo) for kind, group in groups.items()},
    }
