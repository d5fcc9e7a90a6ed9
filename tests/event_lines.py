"""Builds events in the form in which Redis stores them: the kind by name, the facts as JSON."""

from __future__ import annotations

from typing import Any

from bot.core.events import Event
from bot.core.messages import Author


def event_line(
    kind: str, data: dict[str, Any], *, id: str = "1-0", conversation: str = "c", text: str = "", at: int = 5
) -> Event:
    line = {"id": id, "conversation": conversation, "kind": kind, "author": Author.SYSTEM, "text": text, "at": at}
    return Event.from_data(line | {"data": data})
