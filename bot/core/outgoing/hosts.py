"""Normalizes addresses, and host names in settings, so that they can be compared."""

from __future__ import annotations

import re

import httpx

PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "postgresql": 5432, "smtp": 587, "smtps": 465}
_HOST = re.compile(r"\.?(?:[^\s\[\]/?#@:*,]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.IGNORECASE)


def site(address: str) -> str:
    """Returns the scheme, host and port of an address, without the scheme's default port; '' if it is not an address.

    The host is in lower case and ASCII (``xn--...``), without a final dot; an IPv6 host is in brackets.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return ""
    host = url.raw_host.decode().removesuffix(".")
    if not host:
        return ""
    port = "" if url.port in (None, PORTS.get(url.scheme)) else f":{url.port}"
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def host(name: str) -> str:
    """Normalizes the ``host`` or ``host:port`` of an HTTPS host as ``site`` does.

    ``.domain`` stands for a domain with all its hosts, and keeps its dot. Raises ValueError for anything else, such as
    an address with ``https://``.
    """
    found = site(f"https://{name.removeprefix('.')}").removeprefix("https://") if _HOST.fullmatch(name) else ""
    if not found:
        raise ValueError(name)
    return f".{found}" if name.startswith(".") else found


def place(address: str) -> str:
    """Returns the ``host:port`` of an address, or the path of a ``unix:`` address; '' if neither can be read.

    Returns nothing else of the address, since a password in it may contain ``/``, ``?``, ``#`` or ``:``.
    """
    scheme, _, rest = address.partition("://")
    scheme, end = scheme.partition("+")[0], re.search("[/?#]", rest)
    if scheme == "unix":
        return rest.partition("?")[0].rpartition("@")[2]
    has_port = ":" in rest[: end.start()] if end else False  # an https password may begin only after a «:»
    if end and "@" in rest[end.start() :] and (has_port or not scheme.startswith("http")):
        return ""
    try:
        url = httpx.URL(f"{scheme}://{rest}")
    except httpx.InvalidURL:
        return ""
    of_postgres = url.params if scheme == "postgresql" else httpx.QueryParams()
    name = url.raw_host.decode() or of_postgres.get("host", "")
    if not name or name.startswith("/"):
        return ""
    port = url.port or of_postgres.get("port") or PORTS.get(scheme)
    return ":".join((f"[{name}]" if ":" in name else name, *([str(port)] if port else ())))


def hosts_of(setting: str, value: str) -> tuple[str, ...]:
    """Returns the host names in the value of a setting, separated by commas. Raises ValueError if a name is invalid."""
    found = []
    for name in filter(None, map(str.strip, value.split(","))):
        try:
            found.append(host(name))
        except ValueError:
            forms = "login.example.cl, login.example.cl:8443 or .example.cl"
            raise ValueError(f"{setting} takes names of hosts ({forms}), not «{name}»") from None
    return tuple(found)
