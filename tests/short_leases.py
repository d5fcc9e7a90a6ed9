"""Shortens the leases of stream consumers, so that work of a killed process is taken over soon.

The consumers' leases last 1 s instead of 5 s, the recorder's 2 s instead of 10 s. A consumer never takes over its own
work, however slow it is; if another consumer takes it over, nothing is answered or recorded twice.
"""

from __future__ import annotations

from bot.record import recorder
from bot.store import consumer

VALUES = {"BLOCK_MS": 200, "RECLAIM_IDLE_MS": 1000, "RECLAIM_EVERY_S": 0.2, "RENEW_S": 0.2}
RECORDERS = {"BLOCK_MS": 200, "RECLAIM_IDLE_MS": 2000, "RECLAIM_EVERY_S": 0.5}


def shorten_leases() -> None:
    """Shortens the leases of this process."""
    for module, values in ((consumer, VALUES), (recorder, RECORDERS)):
        for name, value in values.items():
            setattr(module, name, value)
