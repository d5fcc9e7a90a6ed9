"""Builds the mark that the desk shows on a ticket whose citizen described a danger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.agency.model import Agency
from bot.conversation.state import KeptDanger
from bot.core.json_fields import JsonFields
from bot.core.texts import area, say


@dataclass(frozen=True)
class DangerView(JsonFields):
    """The mark of a ticket: its Spanish text, such as «Posible emergencia: salud», and whether the danger is confirmed.

    ``protocol`` contains the agency's steps for staff, and ``numbers`` the telephone numbers to call for these dangers.
    """

    words: str
    sure: bool
    protocol: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def danger_view(dangers: Sequence[KeptDanger], agency: Agency) -> DangerView | None:
    """Returns the mark for a ticket's dangers; None if there are no dangers.

    The mark names the confirmed dangers or, if there are none, the possible ones, newest first.
    """
    sure = any(one.sure for one in dangers)
    shown = sorted((one for one in dangers if one.sure == sure), key=lambda one: -one.at)
    if not shown:
        return None
    kinds = say("desk.peligros.y").join(map(_named, shown))
    words = say(f"desk.peligros.{'segura' if sure else 'posible'}", tipo=kinds)
    protocols = [agency.emergency_protocols.get(one.kind) or agency.emergency_protocols["general"] for one in shown]
    numbers = [number for one in shown for number in agency.emergency_numbers(one.kind)]
    return DangerView(words, sure, _once(step for steps in protocols for step in steps), _once(numbers))


def unclaimed_words(emergencies: Sequence[Sequence[KeptDanger]]) -> str:
    """Returns the Spanish text about unclaimed emergencies; '' if there are none.

    ``emergencies`` has the dangers of each one, in the queue's order. The text names the kinds of confirmed dangers of
    the first one, and never a citizen's words.
    """
    if not emergencies:
        return ""
    sure = sorted((one for one in emergencies[0] if one.sure), key=lambda one: -one.at)
    kinds = say("desk.peligros.y").join(map(_named, sure)) or str(area("desk")["peligros"]["tipos"]["general"])
    n = len(emergencies)
    return say("desk.sin_tomar.una", tipo=kinds) if n == 1 else say("desk.sin_tomar.varias", n=n, tipo=kinds)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _named(danger: KeptDanger) -> str:
    """Returns the Spanish name of a kind of danger; for one that only the agency defines, its key in agency.yml."""
    return str(area("desk")["peligros"]["tipos"].get(danger.kind) or danger.kind.replace("_", " "))
