"""What is known of a conversation when a message is decided: what was answered last and who asks.

Made by the action server from Rasa's tracker, read by ``answerer``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Context:
    """``previous`` is the id of the entry that was answered last, None when there is none or it is long ago;
    ``audience`` what is known of the citizen, such as ``{"comuna": "los-aromos", "canal": "whatsapp"}``.
    """

    previous: str | None = None
    audience: Mapping[str, str] = field(default_factory=dict)


NO_CONTEXT = Context()
