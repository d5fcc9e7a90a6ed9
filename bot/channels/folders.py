"""Finds the modules in a channel's folder by their names, so that no code imports a channel by name.

``connect.py`` builds the adapter and ``cli.py`` defines the commands; each is imported only when it is needed.
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
    """Imports the module of that name in the channel's folder; None if there is none."""
    module = f"{__package__}.{channel}.{name}"
    return import_module(module) if find_spec(module) else None


def connects() -> list[Connect]:
    """Returns the function that builds the adapter, of every channel that delivers through a provider."""
    return [module.connect for channel in Channel if (module := module_of(channel, "connect"))]


def commands() -> dict[str, typer.Typer]:
    """Returns the commands of each channel that has some, by its name."""
    return {channel.value: module.app for channel in Channel if (module := module_of(channel, "cli"))}
