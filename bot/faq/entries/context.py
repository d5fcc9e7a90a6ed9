"""Defines what the answerer knows of a conversation: the entry answered last and facts about the citizen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """The state of a conversation when a message is decided.

    ``previous`` is the id of the entry answered last, None when there is none or it is too long ago. ``audience`` holds
    the citizen's values by dimension, such as ``{"comuna": "los-aromos", "canal": "whatsapp"}``.
    """

    previous: str | None = None
    audience: Mapping[str, str] = field(default_factory=dict)


NO_CONTEXT = Context()
