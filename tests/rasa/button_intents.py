"""Lists the intents that only buttons send."""

from __future__ import annotations

ONLY_BUTTONS = {"choose_entry", "none_of_these", "tell_audience"}
