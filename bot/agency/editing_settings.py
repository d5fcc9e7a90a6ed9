"""Reads the section ``edicion`` of agency.yml: whether a second person approves what is published."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class EditingFile(BaseModel):
    """The section as written."""

    model_config = ConfigDict(extra="forbid")
    cuatro_ojos: bool = False
