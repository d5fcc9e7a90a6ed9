"""Finds modules in a channel's folder by their file names, so that no other package imports a channel by name.

``connect.py`` builds the adapter, ``cli.py`` defines the commands, ``render.py`` shows an answer, and ``settings.py``
reads the environment; each is imported only when needed.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

import typer

from bot.agency.offices import Office
from bot.channels.formatting.bubble import Bubble
from bot.core.events import Event
from bot.core.messages import Channel
from bot.core.settings import ChannelSettings, secret_variables

if TYPE_CHECKING:
    from bot.channels.outgoing.adapter import Connect


def module_of(channel: Channel, name: str) -> ModuleType | None:
    """Imports the module ``name`` of the channel's folder; returns None if the module does not exist."""
    module = f"{__package__}.{channel}.{name}"
    return import_module(module) if find_spec(module) else None


def secret_variables_of_channels() -> frozenset[str]:
    """Returns the names of the environment variables that contain the channels' secrets."""
    modules = [module for channel in Channel if (module := module_of(channel, "settings"))]
    kinds = [one for module in modules for one in vars(module).values() if isinstance(one, type)]
    found = [secret_variables(one) for one in kinds if issubclass(one, ChannelSettings)]
    return frozenset().union(*found)


def connects() -> list[Connect]:
    """Returns the ``connect`` function of each channel that uses a provider; it builds the channel's adapter."""
    return [module.connect for channel in Channel if (module := module_of(channel, "connect"))]


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> dict[Channel, list[Bubble]]:
    """Renders an answer as each channel with a ``render.py`` shows it; returns lists of messages, keyed by channel.

    ``site`` is PUBLIC_URL, the base of links such as ``/privacidad``; addresses of ``offices`` are linked to a map.
    """
    modules = {channel: module for channel in Channel if (module := module_of(channel, "render"))}
    return {channel: module.bubbles(event, site, offices) for channel, module in modules.items()}


def commands() -> dict[str, typer.Typer]:
    """Returns the command group of each channel that has a ``cli.py``, keyed by channel name."""
    return {channel.value: module.app for channel in Channel if (module := module_of(channel, "cli"))}
