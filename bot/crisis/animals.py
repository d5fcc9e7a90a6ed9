"""Recognizes texts about an animal in danger, so that a message that goes on about it sends no ambulance for a person.

The phrases are the group ``animales`` of patterns.yml.
"""

from __future__ import annotations

from bot.crisis.emergency import CUT, load_net
from bot.text.emergency_fold import fold


def names_person(text: str) -> bool:
    """Returns whether the text names a person other than a listener, or its author («mi hija», «me ahogo»)."""
    animals = load_net().animals
    return bool(animals.person.search(animals.no_person.sub(CUT, fold(text))))


def tells_animals_danger(text: str) -> bool:
    """Returns whether the text is about an animal in danger and about no person."""
    return bool(load_net().animals.danger.search(fold(text))) and not names_person(text)
