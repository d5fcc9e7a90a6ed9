"""Finds what a channel brings in its own folder, by the names of its modules: nobody imports a channel by name.

``connect.py`` makes its adapter, ``cli.py`` has its commands; each is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

import typer

from bot.core.messages import Channel

if TYPE_CHECKING:
    from bot.channels.outgoing.adapter import Connect


def module_of(channel: Channel, name: str) -> ModuleType | None:
    """The module of that name in the channel's folder; None when it has none."""
    module = f"{__package__}.{channel}.{name}"
    return import_module(module) if find_spec(module) else None


def connects() -> list[Connect]:
    """What makes the adapters, of every channel that must be called."""
    return [module.connect for channel in Channel if (module := module_of(channel, "connect"))]


def commands() -> dict[str, typer.Typer]:
    """The commands of each channel that has some, by its name."""
    return {channel.value: module.app for channel in Channel if (module := module_of(channel, "cli"))}
