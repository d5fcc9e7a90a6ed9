"""Determines whether data sent to an address can be read on the way, and whether it may pass through a proxy."""

from __future__ import annotations

from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_private(address: str) -> bool:
    """Returns whether data sent to the address stays private: by https, or by http on this machine."""
    try:
        at = urlsplit(address)
    except ValueError:
        return False
    return bool(at.hostname) and (at.scheme == "https" or (at.scheme == "http" and at.hostname in LOOPBACK))


def stays_inside(address: str) -> bool:
    """Returns whether nobody can read data sent to ``address`` on the way.

    A host without a dot, such as ``rasa`` with Docker Compose, counts: it is in the network of the containers.
    """
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return is_private(address) or _has_plain_name(host)


def by_proxy(address: str) -> bool:
    """Returns whether a proxy of the environment may be used for ``address``, as ``trust_env`` of an HTTP client.

    A part on this machine or in the network of the containers is reached directly, although the proxy's settings may
    not except it: the proxy would read messages and tokens, and rarely reaches the part.
    """
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    return not (host in LOOPBACK or _has_plain_name(host))


def _has_plain_name(host: str) -> bool:
    return bool(host) and not {".", ":"} & set(host)
