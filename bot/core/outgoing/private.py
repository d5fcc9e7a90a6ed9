"""Determines whether data sent to an address can be read on the way."""

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
    return is_private(address) or (bool(host) and not {".", ":"} & set(host))
