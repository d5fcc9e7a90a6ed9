"""Verifies the signature of a request from Twilio.

``X-Twilio-Signature`` is base64(HMAC(secret, URL + sorted fields)). The URL is the address that Twilio called: it
begins with PUBLIC_URL, not with this process's address behind a proxy. There are two schemes: HMAC-SHA1 with the
account's auth token, and HMAC-SHA256 with a SharedKey, announced by ``X-Twilio-Webhooks-Signature-Settings``.

The SDK computes the signature (``RequestValidator.compute_signature``). Its ``validate`` is not used, because it

- raises TypeError for a body that is not a form if the URL has no ``bodySHA256``, so a forged request causes a 500;
- removes the port by cutting the URL at the first colon, which breaks IPv6 addresses;
- compares character by character in Python instead of with ``hmac.compare_digest``;
- accepts any algorithm that the request names; this module uses each secret with one algorithm only.
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
    """A form's fields, including repeated and empty fields, which Twilio also signs; the SDK calls ``getall``."""

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
    """A received request; ``address`` is the public URL with path and query, ``body`` the raw bytes.

    ``signature`` and ``settings`` are the values of SIGNATURE_HEADER and SETTINGS_HEADER, '' if missing.
    """

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
    """The secrets of Twilio's signatures: ``token`` for HMAC-SHA1, ``shared_key`` for HMAC-SHA256; '' if not used."""

    token: SecretStr
    shared_key: SecretStr = field(default_factory=lambda: SecretStr(""))

    def of(self, algorithm: str) -> str:
        """Returns the secret for an algorithm; '' if there is none."""
        known = {HMAC_SHA1: self.token, HMAC_SHA256: self.shared_key}.get(algorithm)
        return known.get_secret_value() if known else ""


def public_address(public_url: str, path: str, query: str) -> str:
    """Builds the URL that Twilio called; ``path`` and ``query`` must be raw, not percent-decoded."""
    return public_url.rstrip("/") + path + (f"?{query}" if query else "")


def form_fields(body: bytes) -> Pairs | None:
    """Parses a form's fields in order, even empty and repeated ones; None if it is not UTF-8 or has too many fields."""
    try:
        text = body.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        return None


def is_genuine(call: Call, secrets: Secrets) -> bool:
    """Returns whether Twilio signed the call with one of our secrets; never raises, whatever the call contains."""
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
    """Returns the signed fields; None if the body is invalid or does not match the URL's ``bodySHA256``."""
    if call.is_form:
        pairs = form_fields(call.body)
        return None if pairs is None else Fields(pairs)
    if not call.body:
        return Fields([])
    promised = parse_qs(urlsplit(call.address).query).get("bodySHA256", [""])[0]
    same = hmac.compare_digest(sha256(call.body).hexdigest().encode(), promised.encode("utf-8", "replace"))
    return Fields([]) if same else None


def _variants(address: str) -> tuple[str, ...]:
    """Returns the URL without and with its port, since Twilio may sign either form."""
    scheme, _, rest = address.partition("://")
    end = next((index for index, mark in enumerate(rest) if mark in "/?#"), len(rest))
    host, tail = rest[:end], rest[end:]
    bare = _PORT.sub("", host)
    with_port = host if bare != host else f"{host}:{DEFAULT_PORTS.get(scheme, 443)}"
    return f"{scheme}://{bare}{tail}", f"{scheme}://{with_port}{tail}"
