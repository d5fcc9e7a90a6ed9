"""Makes the key names and constants of Python available to the Lua scripts."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from bot.core.channels import reply_windows
from bot.core.event_facts import TicketState
from bot.core.messages import Channel, HandoffReason, Priority
from bot.store import keys
from bot.store.key_families import KeyFamily


def prelude(code: str) -> str:
    """Returns the Lua definitions of those key names and constants that occur in ``code``."""
    used = set(re.findall(r"\w+", code))
    return "\n".join(line for name, line in definitions().items() if name in used)


@cache
def definitions() -> dict[str, str]:
    """Maps the name of every key and constant that Lua scripts may use to its Lua definition."""
    given = {name: value for name, value in vars(keys).items() if name.isupper() or isinstance(value, KeyFamily)}
    given |= {
        "CHANNELS": {channel.value: True for channel in Channel},
        "REASONS": {reason.value: True for reason in HandoffReason},
        "TICKET_STATES": {state.value: True for state in TicketState},
        "RANKS": {priority.value: priority.rank for priority in Priority},
        "REPLY_WINDOWS_MS": {channel.value: window.free_ms for channel, window in reply_windows().items()},
        "TEMPLATE_AFTER_WINDOW": {channel.value: window.template for channel, window in reply_windows().items()},
    }
    return {name: _definition(name, value) for name, value in given.items()}


def _definition(name: str, value: Any) -> str:
    if isinstance(value, KeyFamily):
        first, *rest = map(_text, value.pieces)
        parts = [part for parameter, text in zip(value.parameters, rest, strict=True) for part in (parameter, text)]
        joined = " .. ".join(part for part in (first, *parts) if part != "''")
        return f"local function {name}({', '.join(value.parameters)}) return {joined} end"
    return f"local {name} = {_literal(value)}"


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_literal(one)}" for name, one in value.items()) + "}"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(value: str) -> str:
    return f"'{value}'"
