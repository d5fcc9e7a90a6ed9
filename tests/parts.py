"""Starts parts of the system with longer timeouts."""

from __future__ import annotations

from dataclasses import replace

from bot.run.part import Part
from tests.eventually import LONG_PATIENCE_S


def patient(part: Part) -> Part:
    """Returns the part with a longer time to become ready."""
    return replace(part, patience_s=LONG_PATIENCE_S)
