"""Recognizes texts about an animal in danger, so that a further message about it is not taken for a person in danger.

The phrases are the group ``animales`` of phrases.yml.
"""

from __future__ import annotations

from bot.crisis.emergency import load_net
from bot.crisis.phrases import CUT, fold_text


def names_person(text: str) -> bool:
    """Returns whether the text mentions its author («me ahogo») or another person («mi hija»), except helpers."""
    animals = load_net().animals
    return bool(animals.person.search(animals.no_person.sub(CUT, fold_text(text))))


def describes_animal_danger(text: str) -> bool:
    """Returns whether the text is about an animal in danger and mentions no person (``names_person``)."""
    return bool(load_net().animals.danger.search(fold_text(text))) and not names_person(text)
