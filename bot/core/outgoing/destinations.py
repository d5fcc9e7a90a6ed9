"""Limits where the bot's HTTP clients connect to, and lists these places for a firewall.

A client connects only to the address of its setting, and to the HTTPS hosts that the provider there is known to use.
The check runs before each request, including those after a redirect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import httpx
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from bot.core.logs import log
from bot.core.outgoing.hosts import host, place, site

TWILIO = "https://api.twilio.com"
# The hosts that a provider uses besides its address in the settings. A leading dot means a domain with all its hosts; a
# path, that only this path belongs to the provider. Twilio serves files by a redirect.
MORE_HOSTS: Mapping[str, tuple[str, ...]] = {
    TWILIO: (".twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com/media.twiliocdn.com/"),
    "https://accounts.google.com": ("oauth2.googleapis.com", "www.googleapis.com", "openidconnect.googleapis.com"),
    "https://login.microsoftonline.com": ("graph.microsoft.com",),
}
# Settings with an address that browsers and providers call, not the bot.
NOT_CALLED = frozenset({"PUBLIC_URL"})

Hooks = dict[str, list[Callable[[Any], Awaitable[None]]]]


class DestinationRefused(httpx.ConnectError):
    """The request goes to a host that no setting allows; nothing was sent."""

    def __init__(self, host: str) -> None:
        super().__init__(f"not a destination of the settings: {host}")
        log.error("outgoing: refused", host=host)


def only_to(address: str, *hosts: str, refused: Callable[[str], Exception] = DestinationRefused) -> Hooks:
    """Returns the ``event_hooks`` of an HTTP client that connects only to ``address`` and to these HTTPS ``hosts``.

    The ``hosts`` have the form that ``hosts.host`` returns. Any other request is not sent: the hook raises the error
    that ``refused`` makes from its host.
    """
    own, allowed = site(address), [*_more_hosts(address), *map(host, hosts)]

    async def check(request: Any) -> None:
        url = str(request.url)
        if site(url) != own and not _is_allowed(url, allowed):
            raise refused(str(request.url.host))

    return {"request": [check]}


def destinations(*settings: BaseSettings) -> dict[str, str]:
    """Returns the ``place`` of each address that the bot calls, keyed by the setting that contains the address.

    After the place, separated by commas, follow the other hosts of the address's provider. OIDC_HOSTS is mapped to its
    hosts. Settings that are empty are omitted.
    """
    found = {}
    for one in settings:
        for name, field in type(one).model_fields.items():
            variable, value = str(field.alias), getattr(one, name)
            address = value.get_secret_value() if isinstance(value, SecretStr) else value
            if address and variable == "OIDC_HOSTS":
                found[variable] = ", ".join(address)
            elif address and variable.endswith(("_URL", "_ISSUER")) and variable not in NOT_CALLED:
                more = [one.partition("/")[0] for one in _more_hosts(address)]
                found[variable] = ", ".join((place(address), *more)) if place(address) else ""
    return found


def _more_hosts(address: str) -> tuple[str, ...]:
    found = site(address)
    regional = found.startswith("https://") and found.endswith(".twilio.com")  # https://api.dublin.ie1.twilio.com
    return MORE_HOSTS.get(TWILIO if regional else found, ())


def _is_allowed(address: str, hosts: Iterable[str]) -> bool:
    scheme, _, found = site(address).partition("://")  # keeps a port, so that a host with another port does not match
    return scheme == "https" and any(_is_at(found, httpx.URL(address).path, one) for one in hosts)


def _is_at(found: str, path: str, allowed: str) -> bool:
    name, slash, folder = allowed.partition("/")
    if slash and (not path.startswith(f"/{folder}") or ".." in path):
        return False
    return f".{found}".endswith(name) if name[0] == "." else found == name
