"""Builds the mark that the desk shows on a ticket whose citizen described a danger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.agency.model import Agency
from bot.conversation.state import KeptDanger
from bot.core.texts import area, say
from bot.desk.shapes import Danger


def danger_view(dangers: Sequence[KeptDanger], agency: Agency) -> Danger | None:
    """Returns the mark for a ticket's dangers; None if there are no dangers.

    The mark names the confirmed dangers or, if there are none, the possible dangers, newest first. If the citizen
    denied all the confirmed dangers and described none since, the mark says so. If they described a danger since, the
    mark names it, too, even if it is only possible.
    """
    sure = any(one.sure for one in dangers)
    denied_at = min((one.denied for one in dangers if one.sure), default=0)
    newer = [one for one in dangers if 0 < denied_at < one.at]
    shown = sorted((one for one in dangers if one.sure == sure or one in newer), key=lambda one: -one.at)
    if not shown:
        return None
    kinds = say("desk.peligros.y").join(map(_named, shown))
    words = say(f"desk.peligros.{'segura' if sure else 'posible'}", tipo=kinds)
    denied = denied_at > 0 and not newer
    words = say("desk.peligros.dice_que_no", marca=words) if denied else words
    protocols = [agency.emergency_protocols.get(one.kind) or agency.emergency_protocols["general"] for one in shown]
    numbers = [number for one in shown for number in agency.emergency_numbers(one.kind)]
    steps = _once(step for steps in protocols for step in steps)
    return Danger(words=words, sure=sure, denied=denied, protocol=steps, numbers=_once(numbers))


def unclaimed_words(emergencies: Sequence[Sequence[KeptDanger]]) -> str:
    """Returns the Spanish text about unclaimed emergencies; '' if there are none.

    ``emergencies`` contains the dangers of each emergency, in the queue's order. The text names the kinds of the
    confirmed dangers of the first emergency, and never a citizen's words.
    """
    if not emergencies:
        return ""
    sure = sorted((one for one in emergencies[0] if one.sure), key=lambda one: -one.at)
    kinds = say("desk.peligros.y").join(map(_named, sure)) or str(area("desk")["peligros"]["tipos"]["general"])
    n = len(emergencies)
    return say("desk.sin_tomar.una", tipo=kinds) if n == 1 else say("desk.sin_tomar.varias", n=n, tipo=kinds)


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _named(danger: KeptDanger) -> str:
    """Returns the Spanish name of a kind of danger; for a kind that only the agency defines, its key with spaces."""
    return str(area("desk")["peligros"]["tipos"].get(danger.kind) or danger.kind.replace("_", " "))
