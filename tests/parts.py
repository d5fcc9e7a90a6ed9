"""Parts of the system as tests start them: waited for as long as tests wait for anything."""

from __future__ import annotations

from dataclasses import replace

from bot.run.part import Part
from tests.eventually import LONG_PATIENCE_S


def patient(part: Part) -> Part:
    """Returns the part with more time to become well than a person would wait."""
    return replace(part, patience_s=LONG_PATIENCE_S)
