"""Reads the section ``informe`` of agency.yml: to whom the monthly report is sent."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.agency.alarm_settings import mail_address


class ReportFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    correos: list[Annotated[str, AfterValidator(mail_address)]] = []
