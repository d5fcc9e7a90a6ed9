"""Refuses the URL of a store on another machine unless TLS encrypts the connection and checks the certificate."""

from __future__ import annotations

import os
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from bot.core.errors.base import PermanentError
from bot.core.outgoing.private import LOOPBACK

CHECKED, PLAIN = "verify-full", "disable"  # sslmode of PostgreSQL
UNCHECKED = {"ssl_cert_reqs": {"none", "optional", "0", "1"}, "ssl_check_hostname": {"false", "0", "no", "n", "f"}}


class Addresses(Protocol):
    """Settings with the URLs of the stores; a URL is '' if the store is embedded."""

    redis_url: SecretStr
    redis_backup_url: SecretStr
    database_url: SecretStr
    database_owner_url: SecretStr
    rasa_database_url: SecretStr


S = TypeVar("S", bound=Addresses)


class StoreUnchecked(PermanentError):
    """A store on another machine would be reached without TLS, or without a check of its certificate."""

    text_key = "cli.errores.almacen_sin_tls"


def checked(settings: S) -> S:
    """Returns the settings. Raises StoreUnchecked if a store's URL does not require TLS and a check of the certificate.

    A store on this machine needs no TLS. A host without a dot is in an internal network, such as that of Docker
    Compose. A store there may be reached without TLS if its URL allows it (sslmode=disable, redis), but not with TLS
    and an unchecked certificate.
    """
    fine = {
        "REDIS_URL": redis_is_checked(settings.redis_url.get_secret_value()),
        "REDIS_BACKUP_URL": redis_is_checked(settings.redis_backup_url.get_secret_value()),
        "DATABASE_URL": postgres_is_checked(settings.database_url.get_secret_value()),
        "DATABASE_OWNER_URL": postgres_is_checked(settings.database_owner_url.get_secret_value()),
        "RASA_DATABASE_URL": postgres_is_checked(settings.rasa_database_url.get_secret_value()),
    }
    for name, is_fine in fine.items():
        if not is_fine:
            raise StoreUnchecked(ajuste=name)
    return settings


def postgres_is_checked(url: str) -> bool:
    """Returns whether PostgreSQL's client checks the certificate of this URL's server, or needs none.

    The password may have any character but «?» and «@». Options that the URL lacks are read from PGSSLMODE, PGHOST and
    PGHOSTADDR, as the client does.
    """
    address, _, query = url.partition("://")[2].partition("?")
    options = parse_qs(query)
    mode = options.get("sslmode", [os.environ.get("PGSSLMODE") or "prefer"])[-1]
    if not url or mode == CHECKED:
        return True
    named = [address.rpartition("@")[2].partition("/")[0], *options.get("host", [])]
    places = named if any(named) else [os.environ.get("PGHOST", "")]
    places += options.get(
        "hostaddr", [os.environ.get("PGHOSTADDR", "")]
    )  # the client then connects there, not to the host
    hosts = {_host(one) for place in places for one in unquote(place).split(",")} - {""}
    elsewhere = {one for one in hosts if not one.startswith("/") and one not in LOOPBACK}
    return not elsewhere or (mode == PLAIN and not any({".", ":"} & set(one) for one in elsewhere))


def redis_is_checked(url: str) -> bool:
    """Returns whether Redis's client checks the certificate of this URL's server, or needs none."""
    try:
        at = urlsplit(url)
    except ValueError:
        return False  # neither can the client read it
    options = parse_qs(at.query.lower())
    if at.scheme == "rediss":
        return not any(wrong & set(options.get(name, [])) for name, wrong in UNCHECKED.items())
    host = unquote(at.hostname or options.get("host", [""])[0])
    return host in LOOPBACK or not {".", ":"} & set(host)


def _host(place: str) -> str:
    """Returns the host in ``host:port``, ``[address]:port`` or a bare IPv6 address."""
    inside = place.rpartition("]")[0].lstrip("[")
    return (inside or (place if place.count(":") > 1 else place.partition(":")[0])).lower()
