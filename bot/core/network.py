"""Whose requests count together in a rate limit. Called by the web chat and the console's sign-in."""

from __future__ import annotations


def network(host: str) -> str:
    """The caller's address; for IPv6 its /64, since one household has that many."""
    return ":".join(host.split(":")[:4]) if ":" in host else host
