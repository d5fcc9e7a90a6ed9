"""Names the networks whose requests count together in a limit. Pure: reads an address, knows of no request."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

NETWORK_BITS = 64  # what one household or one telephone is given
SITE_BITS = 48  # what one organisation is given; a mobile network has many telephones in it
SITE_FACTOR = 16
"""Times the limit of one network that a whole site may use."""


def network(host: str) -> str:
    """Returns the caller's IPv4 address, or the /64 of an IPv6 one; text that is no address counts as it is."""
    address = _address(host)
    if address is None:
        return host
    return str(address) if isinstance(address, IPv4Address) else _prefix(address, NETWORK_BITS)


def site(network: str) -> str:
    """Returns the /48 around an IPv6 network or address, '' for anything else."""
    address = _address(network.removesuffix(f"/{NETWORK_BITS}"))
    return _prefix(address, SITE_BITS) if isinstance(address, IPv6Address) else ""


def limits(host: str, most: int) -> list[tuple[str, int]]:
    """Returns each network that a request of ``host`` counts in, with what it may use when one network may ``most``."""
    one = network(host)
    wider = site(one)
    return [(one, most), *([(wider, most * SITE_FACTOR)] if wider else [])]


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that comes mapped into IPv6 (``::ffff:1.2.3.4``) is that IPv4 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _prefix(address: IPv6Address, bits: int) -> str:
    # By number: a link-local address may carry a zone (%eth0), which no network has.
    hidden = 128 - bits
    return str(IPv6Network((int(address) >> hidden << hidden, bits)))


def host_of(origin: str) -> str:
    """Returns host and port of an Origin header; '' for text that is no address, which is nobody's host."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
