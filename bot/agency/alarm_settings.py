"""Reads the section ``alarma`` of agency.yml: the recipients of alarms about emergencies and message spikes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.core.texts import say

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+\d{8,15}")


@dataclass(frozen=True)
class AlarmSettings:
    """The recipients of alarms, the time for claiming an emergency, and the accepted rate of false spike alarms."""

    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()  # E.164
    wait_s: int = 120
    false_every_days: float = 7.0  # on average at most one false spike alarm in this many days; 0: no spike alarms


def mail_address(text: str) -> str:
    """Returns an e-mail address without surrounding spaces. Raises ValueError if it is not valid."""
    if not _MAIL.fullmatch(text.strip()):
        raise ValueError(say("agency.problemas.alarma_correo", texto=text))
    return text.strip()


def _phone(text: str) -> str:
    number = re.sub(r"[\s()-]", "", text)
    if not _PHONE.fullmatch(number):
        raise ValueError(say("agency.problemas.alarma_celular", texto=text))
    return number


class AlarmFile(BaseModel):
    """The section ``alarma`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    correos: list[Annotated[str, AfterValidator(mail_address)]] = []
    celulares: list[Annotated[str, AfterValidator(_phone)]] = []
    espera_min: float = Field(default=2, ge=0, le=60)
    falsa_cada_dias: float = Field(default=7, ge=0, le=60)

    def read(self) -> AlarmSettings:
        wait_s = int(self.espera_min * 60)
        return AlarmSettings(tuple(self.correos), tuple(self.celulares), wait_s, self.falsa_cada_dias)
