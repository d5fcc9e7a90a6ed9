"""First step of a request from Twilio: was it Twilio that sent it? Called by whatsapp_webhook.py.

``X-Twilio-Signature`` is base64(HMAC(secret, address + sorted fields)), where the address is the one Twilio called, as
the world sees it: behind a proxy it is PUBLIC_URL and not what this process was asked. Two schemes: HMAC-SHA1 with the
account's auth token, and HMAC-SHA256 with a SharedKey, announced by ``X-Twilio-Webhooks-Signature-Settings``.

The signature itself is the SDK's (``RequestValidator.compute_signature``). Its ``validate`` is not used, because it

- raises TypeError for a body that is no form and whose address carries no ``bodySHA256``: a forger gets a 500;
- takes the port off by cutting the address at the first colon, which ruins IPv6 addresses;
- compares in Python, character by character, instead of with ``hmac.compare_digest``;
- goes with whatever algorithm it is told. Here each secret goes with its one algorithm.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pydantic import SecretStr
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 200
DEFAULT_PORTS = {"https": 443, "http": 80}
_PORT = re.compile(r":\d+$")

Pairs = list[tuple[str, str]]


class Fields:
    """Form fields with repeats and blanks kept, since both are signed. ``getall`` is what the SDK asks of it."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._pairs])

    def __len__(self) -> int:
        return len(self._pairs)

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


@dataclass(frozen=True)
class Call:
    """A request as it arrived. ``address`` is the public one with path and query; ``body`` the bytes as sent."""

    address: str
    body: bytes
    content_type: str
    signature: str
    settings: str = ""

    @property
    def is_form(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == FORM


@dataclass(frozen=True)
class Secrets:
    """What Twilio may have signed with: ``token`` for HMAC-SHA1, ``shared_key`` for HMAC-SHA256. Empty: not used."""

    token: SecretStr
    shared_key: SecretStr = field(default_factory=lambda: SecretStr(""))

    def of(self, algorithm: str) -> str:
        """The secret that goes with an algorithm; empty when there is none."""
        known = {HMAC_SHA1: self.token, HMAC_SHA256: self.shared_key}.get(algorithm)
        return known.get_secret_value() if known else ""


def public_address(public_url: str, path: str, query: str) -> str:
    """The address Twilio called. ``path`` and ``query`` as they stood in the request line, not decoded."""
    return public_url.rstrip("/") + path + (f"?{query}" if query else "")


def form_fields(body: bytes) -> Pairs | None:
    """The form's fields in order, blanks and repeats kept; None when it is none (not UTF-8, far too many fields)."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        return None


def is_genuine(call: Call, secrets: Secrets) -> bool:
    """True when Twilio signed this call with one of our secrets. Never raises for what a stranger sends."""
    algorithm = get_signature_algorithm(call.settings).upper()
    secret = secrets.of(algorithm)
    fields = _signed_fields(call)
    if not secret or not call.signature or fields is None:
        return False
    validator = RequestValidator(secret)
    given = call.signature.encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(validator.compute_signature(address, fields, algorithm).encode(), given)
        for address in _variants(call.address)
    ]
    return any(matches)


def _signed_fields(call: Call) -> Fields | None:
    """The fields that are part of the signature; None when the body is not what the address promises."""
    if call.is_form:
        pairs = form_fields(call.body)
        return None if pairs is None else Fields(pairs)
    if not call.body:
        return Fields([])
    promised = parse_qs(urlsplit(call.address).query).get("bodySHA256", [""])[0]
    same = hmac.compare_digest(sha256(call.body).hexdigest().encode(), promised.encode("utf-8", "replace"))
    return Fields([]) if same else None


def _variants(address: str) -> tuple[str, ...]:
    """The address without a port and with it: Twilio signs either, whatever the address it was given says."""
    scheme, _, rest = address.partition("://")
    end = next((index for index, mark in enumerate(rest) if mark in "/?#"), len(rest))
    host, tail = rest[:end], rest[end:]
    bare = _PORT.sub("", host)
    with_port = host if bare != host else f"{host}:{DEFAULT_PORTS.get(scheme, 443)}"
    return f"{scheme}://{bare}{tail}", f"{scheme}://{with_port}{tail}"
