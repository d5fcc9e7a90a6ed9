"""Chooses the throttle buckets in which a sign-in attempt counts, and writes the cookie of a known device.

An attacker cannot lock a person out: a browser in which the person signed in before carries an encrypted cookie and has
its own bucket. Other browsers share buckets by account, by network and by both. The names of an account's buckets
include its password hash, so a new password starts with empty buckets. Unknown accounts are throttled in the same way.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from bot.core.network import limits
from bot.core.secrets.encryption import Cipher, Secrets
from bot.store.throttle import ThrottleBucket

MINUTE_S = 60
HOUR_S = 3600
FAILURES_PER_NETWORK = 30
DEVICE_TTL_S = 180 * 24 * HOUR_S
DEVICE_PEOPLE = 12  # accounts that one device cookie remembers
NONCE_BYTES = 12


@dataclass(frozen=True)
class Device:
    """A known browser: its random name and the ids of the accounts that signed in there, latest first."""

    nonce: str
    people: tuple[str, ...]


class Throttles:
    """Builds throttle buckets and device cookies; ``secret`` is VENTANILLA_SECRET."""

    def __init__(self, secret: str) -> None:
        self._secret = Secrets.of(secret).current.encode()
        self._cipher = Cipher(secret, "devices")

    def sign_in(self, account: str, staff_id: str, network: str, cookie: str) -> list[ThrottleBucket]:
        """Returns the buckets of an attempt with e-mail and password; ``account`` is "e-mail password-hash"."""
        device = self._device(cookie)
        if staff_id and staff_id in device.people:
            return [self._bucket("device", account, device.nonce, free=5, longest_s=15 * MINUTE_S, cleared=True)]
        networks = limits(network, FAILURES_PER_NETWORK)
        return [
            self._bucket("account and network", account, network, free=5, longest_s=HOUR_S, cleared=True),
            *(self._bucket("network", one, free=most, longest_s=HOUR_S) for one, most in networks),
            self._bucket("account", account, free=50, longest_s=15 * MINUTE_S),
        ]

    def signed_in(self, account: str, what: str) -> list[ThrottleBucket]:
        """Returns the bucket for a password or code (``what``) from a person who is already identified."""
        return [self._bucket(what, account, free=5, longest_s=15 * MINUTE_S, cleared=True)]

    def link(self, network: str) -> list[ThrottleBucket]:
        """Returns the buckets of an attempt to open a link that gives access without an account."""
        networks = limits(network, FAILURES_PER_NETWORK)
        return [self._bucket("link", one, free=most, longest_s=HOUR_S) for one, most in networks]

    def known(self, cookie: str, staff_id: str) -> str:
        """Returns the device cookie for a browser in which this account has just signed in."""
        device = self._device(cookie)
        nonce = device.nonce or secrets.token_urlsafe(NONCE_BYTES)
        others = [one for one in device.people if one != staff_id]
        return self._cipher.encrypt(" ".join([nonce, staff_id, *others][: DEVICE_PEOPLE + 1]))

    def _device(self, cookie: str) -> Device:
        known = self._cipher.decrypt(cookie, ttl_s=DEVICE_TTL_S, outside=True) if cookie else None
        nonce, *people = (known or "").split(" ")
        return Device(nonce, tuple(people))

    def _bucket(self, *name: str, free: int, longest_s: int, cleared: bool = False) -> ThrottleBucket:
        digest = hmac.new(self._secret, "\x1f".join(("lane", *name)).encode(), "sha256").hexdigest()
        return ThrottleBucket(digest[:32], free, longest_s, cleared)
