"""Groups IP addresses into networks, which share a rate limit; creates clients of the action server."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urlsplit

import httpx
from starlette.requests import HTTPConnection

from bot.core.outgoing.destinations import only_to
from bot.core.outgoing.private import by_proxy
from bot.core.settings import Settings

NETWORK_BITS = 64  # prefix length for one household or one phone
SITE_BITS = 48  # prefix length for one organization; in a mobile network many phones share one
ACTIONS_HEADER = "X-Actions-Token"  # also in endpoints.yml
SITE_FACTOR = 16  # a site may use this many times the limit of one network


def network(host: str) -> str:
    """Returns the network of ``host``: the /64 of an IPv6 address; an IPv4 address or any other text is unchanged."""
    address = _address(host)
    if address is None:
        return host
    return str(address) if isinstance(address, IPv4Address) else _prefix(address, NETWORK_BITS)


def site(network: str) -> str:
    """Returns the /48 of an IPv6 network or address; '' for anything else."""
    address = _address(network.removesuffix(f"/{NETWORK_BITS}"))
    return _prefix(address, SITE_BITS) if isinstance(address, IPv6Address) else ""


def limits(host: str, most: int) -> list[tuple[str, int]]:
    """Returns the (network, limit) pairs that apply to ``host``.

    The network of ``host`` has the limit ``most``. For IPv6, the site (/48) follows, with SITE_FACTOR times that limit.
    """
    one = network(host)
    wider = site(one)
    return [(one, most), *([(wider, most * SITE_FACTOR)] if wider else [])]


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Parses an IP address; returns None if it is invalid. An IPv4-mapped address (``::ffff:1.2.3.4``) becomes IPv4."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _prefix(address: IPv6Address, bits: int) -> str:
    # Computed from the number: a link-local address may carry a zone (%eth0), which IPv6Network rejects.
    hidden = 128 - bits
    return str(IPv6Network((int(address) >> hidden << hidden, bits)))


def host_of(origin: str) -> str:
    """Returns the host and port in an Origin header; '' if the header cannot be parsed."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def source_of(connection: HTTPConnection) -> str:
    """Returns the network from which a request comes, for the log; '' if it is unknown."""
    return network(connection.client.host) if connection.client else ""


@cache
def trusted() -> ssl.SSLContext:
    """Returns httpx's default TLS context, for the ``verify`` argument of its clients.

    Without this argument, each client reads the certificate authorities again, which blocks the event loop for 14 ms.
    """
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class ActionsEndpoint:
    """The address of the action server ('' if there is none) and the token that it requires."""

    url: str
    token: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.actions_url, settings.actions_token.get_secret_value())

    @property
    def headers(self) -> dict[str, str]:
        """Returns the headers that every request to the action server needs."""
        return {ACTIONS_HEADER: self.token} if self.token else {}

    def client(
        self, timeout: float | httpx.Timeout, transport: httpx.AsyncBaseTransport | None = None
    ) -> httpx.AsyncClient:
        """Returns a client of the action server; the caller closes it."""
        return httpx.AsyncClient(
            verify=trusted(),
            trust_env=by_proxy(self.url),
            base_url=self.url,
            headers=self.headers,
            timeout=timeout,
            transport=transport,
            event_hooks=only_to(self.url),
        )
