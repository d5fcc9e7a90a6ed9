"""Tests that only Twilio's own calls pass: with its published vectors, forgeries and proxies."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from bot.channels.whatsapp.signature import (
    FORM,
    Call,
    Fields,
    Secrets,
    form_fields,
    is_genuine,
    public_address,
)

TOKEN = Secrets(SecretStr("12345"))
ADDRESS = "https://mycompany.com/myapp.php?foo=1&bar=2"
PAIRS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
REPEATED = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
BODY = b'{"property": "value", "boolean": true}'
BODY_ADDRESS = ADDRESS + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def form(address: str, pairs: list[tuple[str, str]], signature: str, settings: str = "") -> Call:
    return Call(address, urlencode(pairs).encode(), FORM, signature, settings)


def signed(address: str, pairs: list[tuple[str, str]], key: str = "12345", algorithm: str = "HMAC_SHA1") -> str:
    return str(RequestValidator(key).compute_signature(address, Fields(pairs), algorithm))


@pytest.mark.parametrize(
    ("address", "signature"),
    [
        (ADDRESS, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (ADDRESS.replace(".com", ".com:443"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (ADDRESS, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (ADDRESS.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (ADDRESS.replace("https", "http").replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    ],
)
def test_twilios_vectors_match_with_and_without_port(address: str, signature: str) -> None:
    assert is_genuine(form(address, PAIRS, signature), TOKEN)


def test_twilios_vector_of_repeated_fields_matches() -> None:
    signature = "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    assert is_genuine(form(ADDRESS, REPEATED, signature), TOKEN)
    assert not is_genuine(form(ADDRESS, list(dict(REPEATED).items()), signature), TOKEN)


def test_twilios_vector_of_a_body_matches() -> None:
    call = Call(BODY_ADDRESS, BODY, "application/json", "a9nBmqA0ju/hNViExpshrM61xv4=")
    assert is_genuine(call, TOKEN)
    other = Call(BODY_ADDRESS, BODY + b" ", "application/json", "a9nBmqA0ju/hNViExpshrM61xv4=")
    assert not is_genuine(other, TOKEN)


def test_body_without_its_hash_is_refused_where_the_sdk_raises() -> None:
    call = Call(ADDRESS, BODY, "application/json", signed(ADDRESS, []))
    assert not is_genuine(call, TOKEN)
    with pytest.raises(TypeError):  # what the SDK does with it
        RequestValidator("12345").validate(ADDRESS, BODY.decode(), "x")


def test_blank_fields_are_signed() -> None:
    pairs = [*PAIRS, ("ProfileName", "")]
    assert is_genuine(form(ADDRESS, pairs, signed(ADDRESS, pairs)), TOKEN)
    assert is_genuine(form(ADDRESS, PAIRS, signed(ADDRESS, pairs)), TOKEN) is False


def test_punctuation_and_emoji_are_signed_unchanged() -> None:
    pairs = [("Body", "¿Cuánto cuesta? +1 & más 👍🏽\n=fin")]
    assert is_genuine(form(ADDRESS, pairs, signed(ADDRESS, pairs)), TOKEN)


def test_shared_key_scheme_is_accepted() -> None:
    secrets = Secrets(SecretStr("12345"), SecretStr("compartida"))
    text = ADDRESS + "".join(name + value for name, value in sorted(PAIRS))
    signature = base64.b64encode(hmac.new(b"compartida", text.encode(), sha256).digest()).decode()
    settings = "key=webhooks_sharedkey_01,algorithm=HMAC_SHA256"
    assert is_genuine(form(ADDRESS, PAIRS, signature, settings), secrets)
    assert not is_genuine(form(ADDRESS, PAIRS, signature), secrets)
    assert not is_genuine(form(ADDRESS, PAIRS, signature, settings), TOKEN)


def test_secret_works_only_with_its_own_algorithm() -> None:
    secrets = Secrets(SecretStr("12345"), SecretStr("compartida"))
    by_token = signed(ADDRESS, PAIRS, "12345", "HMAC_SHA256")
    assert not is_genuine(form(ADDRESS, PAIRS, by_token, "algorithm=HMAC_SHA256"), secrets)
    assert not is_genuine(form(ADDRESS, PAIRS, by_token, "algorithm=HMAC_MD5"), secrets)


@pytest.mark.parametrize("signature", ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "ñ", "\udcff"])
def test_forged_signatures_are_refused(signature: str) -> None:
    assert not is_genuine(form(ADDRESS, PAIRS, signature), TOKEN)


def test_nothing_is_genuine_without_a_secret() -> None:
    unset = Secrets(SecretStr(""))
    assert not is_genuine(form(ADDRESS, PAIRS, signed(ADDRESS, PAIRS, "")), unset)


def test_bodies_that_are_no_form_are_refused() -> None:
    assert form_fields(b"Body=%ff") is None
    assert form_fields(b"\xff=1") is None
    assert form_fields(b"&".join(b"a=1" for _ in range(500))) is None
    assert form_fields(b"a=&b=1&a=2") == [("a", ""), ("b", "1"), ("a", "2")]


def test_signature_is_computed_over_the_public_address() -> None:
    assert public_address("https://chat.example/", "/channels/whatsapp", "") == "https://chat.example/channels/whatsapp"
    assert public_address("https://x.example/bot", "/a%20b", "c=%31") == "https://x.example/bot/a%20b?c=%31"


def test_ipv6_address_keeps_its_colons() -> None:
    address = "https://[2001:db8::1]/channels/whatsapp"
    assert is_genuine(form(address, PAIRS, signed(address, PAIRS)), TOKEN)
    with_port = "https://[2001:db8::1]:443/channels/whatsapp"
    assert is_genuine(form(address, PAIRS, signed(with_port, PAIRS)), TOKEN)
