"""Where a request comes from: the network that counts in a rate limit, and the site whose page sent it."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from urllib.parse import urlsplit

LATTER_HALF = 64


def network(host: str) -> str:
    """The caller's address; for IPv6 the first half of it, since one household has all that begin so."""
    try:
        address = IPv6Address(host.partition("%")[0])
    except AddressValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    # By value: one address may be written in many ways, and «::» hides how many groups it stands for.
    return str(IPv6Address(int(address) >> LATTER_HALF << LATTER_HALF))


def host_of(origin: str) -> str:
    """Host and port of an Origin header; '' for what is no address, which is nobody's host."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
