"""Defines what the answerer knows of a conversation: the previous entry and the citizen's audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """The state of a conversation when the answerer decides on a message.

    ``previous`` is the id of the entry last sent, None if there is none or it was too long ago. ``audience`` has
    the citizen's value for each dimension, such as ``{"comuna": "los-aromos", "canal": "whatsapp"}``.
    """

    previous: str | None = None
    audience: Mapping[str, str] = field(default_factory=dict)


NO_CONTEXT = Context()
