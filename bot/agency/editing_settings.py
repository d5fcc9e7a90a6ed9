"""Reads the section ``edicion`` of agency.yml: whether a second person must approve each change of an entry."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class EditingFile(BaseModel):
    """The section ``edicion`` as written in agency.yml."""

    model_config = ConfigDict(extra="forbid")
    cuatro_ojos: bool = False
