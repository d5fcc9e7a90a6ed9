"""Tests that the numbers of an emergency are found in its reply."""

from __future__ import annotations

from bot.agency.model import Agency
from bot.text.emergency_numbers import emergency_numbers_in


def test_bold_numbers_are_found_once_and_in_order() -> None:
    text = "Llama al ***4141**, o al **131** (SAMU); no al **12345** ni a las **08:30**. Otra vez: **131**."
    assert emergency_numbers_in(text) == ("*4141", "131")


def test_every_emergency_of_the_demo_has_numbers(agency: Agency) -> None:
    assert all(agency.emergency_numbers(kind) for kind in agency.emergencies)
