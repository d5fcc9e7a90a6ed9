"""Reads the section ``alarma`` of agency.yml: who is told of an emergency that nobody at the desk has claimed."""

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
    """The recipients of alarms, and how long the desk has time to claim the ticket during service hours."""

    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()  # E.164
    wait_s: int = 120


def mail_address(text: str) -> str:
    """Returns the address without spaces around it. Raises ValueError."""
    if not _MAIL.fullmatch(text.strip()):
        raise ValueError(say("agency.problemas.alarma_correo", texto=text))
    return text.strip()


def _phone(text: str) -> str:
    number = re.sub(r"[\s()-]", "", text)
    if not _PHONE.fullmatch(number):
        raise ValueError(say("agency.problemas.alarma_celular", texto=text))
    return number


class AlarmFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    correos: list[Annotated[str, AfterValidator(mail_address)]] = []
    celulares: list[Annotated[str, AfterValidator(_phone)]] = []
    espera_min: float = Field(default=2, ge=0, le=60)

    def read(self) -> AlarmSettings:
        return AlarmSettings(tuple(self.correos), tuple(self.celulares), int(self.espera_min * 60))
