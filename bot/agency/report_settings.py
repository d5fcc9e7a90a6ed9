"""Reads the section ``informe`` of agency.yml: the recipients of the monthly report."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.agency.alarm_settings import mail_address


class ReportFile(BaseModel):
    """The section ``informe`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    correos: list[Annotated[str, AfterValidator(mail_address)]] = []
