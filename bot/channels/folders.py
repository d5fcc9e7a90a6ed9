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
from pydantic import SecretStr

from bot.agency.offices import Office
from bot.channels.formatting.bubble import Bubble
from bot.channels.formatting.plain_bubbles import plain_bubbles
from bot.core.channels import traits_of
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
    return frozenset().union(*(secret_variables(one) for one in settings_classes()))


def settings_of_channels() -> list[ChannelSettings]:
    """Returns the settings of each channel that has a credential. Raises ValidationError if a setting is invalid."""
    return [one for kind in settings_classes() if _has_credential(one := kind())]


def _has_credential(settings: ChannelSettings) -> bool:
    return any(isinstance(value, SecretStr) and value.get_secret_value() for _, value in settings)


def settings_classes() -> list[type[ChannelSettings]]:
    """Returns the class of settings of each channel that has one."""
    modules = [module for channel in Channel if (module := module_of(channel, "settings"))]
    kinds = [one for module in modules for one in vars(module).values() if isinstance(one, type)]
    return [one for one in kinds if issubclass(one, ChannelSettings) and one is not ChannelSettings]


def connects() -> list[Connect]:
    """Returns the ``connect`` function of each channel that uses a provider; it builds the channel's adapter."""
    return [module.connect for channel in Channel if (module := module_of(channel, "connect"))]


def bubbles(event: Event, site: str, offices: tuple[Office, ...] = ()) -> dict[Channel, list[Bubble]]:
    """Renders an answer as each channel shows it; returns lists of messages, keyed by channel.

    A channel without a ``render.py`` shows plain text. ``site`` is PUBLIC_URL, the base of links such as
    ``/privacidad``; addresses of ``offices`` are linked to a map.
    """
    return {channel: _bubbles(channel, event, site, offices) for channel in Channel}


def _bubbles(channel: Channel, event: Event, site: str, offices: tuple[Office, ...]) -> list[Bubble]:
    module = module_of(channel, "render")
    if module is None:
        return plain_bubbles(event, traits_of(channel).text_limit, site, offices)
    shown: list[Bubble] = module.bubbles(event, site, offices)
    return shown


def commands() -> dict[str, typer.Typer]:
    """Returns the command group of each channel that has a ``cli.py``, keyed by channel name."""
    return {channel.value: module.app for channel in Channel if (module := module_of(channel, "cli"))}
