"""The certificate authorities that this process trusts, read once for all its HTTP clients."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """Returns httpx's default TLS context, for the ``verify`` argument of its clients.

    Without the argument each client reads the authorities again, which stops the event loop for 14 ms.
    """
    return httpx.create_ssl_context()
