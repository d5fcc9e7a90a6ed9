"""Distinguishes a request that never reached the provider from a request whose response was lost."""

from __future__ import annotations

import httpx

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


def may_have_arrived(error: BaseException | None) -> bool:
    """Returns whether the provider may have received a request that failed with this httpx error."""
    return isinstance(error, httpx.TransportError) and not isinstance(error, NEVER_SENT)
