"""Words the mark of a ticket whose citizen told of a danger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.state import KeptDanger
from bot.core.json_fields import JsonFields
from bot.core.texts import area, say


@dataclass(frozen=True)
class DangerView(JsonFields):
    """The mark, such as «Posible emergencia: salud»."""

    words: str
    sure: bool


def danger_view(dangers: Sequence[KeptDanger]) -> DangerView | None:
    """Returns the mark: the sure dangers if there are any, else the possible ones, newest first; None without any."""
    sure = any(one.sure for one in dangers)
    shown = sorted((one for one in dangers if one.sure == sure), key=lambda one: -one.at)
    if not shown:
        return None
    kinds = say("desk.peligros.y").join(map(_named, shown))
    return DangerView(say(f"desk.peligros.{'segura' if sure else 'posible'}", tipo=kinds), sure)


def _named(danger: KeptDanger) -> str:
    """Returns the kind's name; for a kind that only the agency has, its key in agency.yml."""
    return str(area("desk")["peligros"]["tipos"].get(danger.kind) or danger.kind.replace("_", " "))
