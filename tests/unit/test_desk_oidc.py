"""A browser comes back from the identity provider only with what it left with, in time, from that provider."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from bot.core.encryption import Cipher
from bot.core.errors import ProviderRefused
from bot.core.settings import Settings
from bot.desk.auth.oidc import AUTHORIZATION_TTL_S, Oidc

SECRET, ISSUER = "s" * 40, "https://id.losaromos.example"
LEFT = ["state-1", "nonce-1", "verifier-1", "/desk/cuenta"]
SAID = {"state": "state-1", "code": "code-1"}


@pytest.fixture
def oidc() -> Oidc:
    return Oidc(Settings(OIDC_ISSUER=ISSUER, OIDC_CLIENT_ID="us", VENTANILLA_SECRET=SecretStr(SECRET)))


def cookie(secret: str = SECRET, purpose: str = "oidc") -> str:
    return Cipher(secret, purpose).encrypt(json.dumps(LEFT))


def reason(oidc: Oidc, carried: str, said: dict[str, str]) -> str:
    with pytest.raises(ProviderRefused) as caught:
        oidc.returned(carried, said)
    return str(caught.value.facts["reason"])


def test_who_returns_with_what_they_left_with_is_on_the_same_trip(oidc: Oidc) -> None:
    authorization = oidc.returned(cookie(), SAID)
    assert [
        authorization.state,
        authorization.nonce,
        authorization.verifier,
        authorization.volver,
        authorization.code,
    ] == [*LEFT, "code-1"]
    assert oidc.returned(cookie(), SAID | {"iss": ISSUER}) == authorization


@pytest.mark.parametrize("carried", ["", "no es nada", "ñ", cookie(secret="t" * 40), cookie(purpose="address")])
def test_a_cookie_that_is_not_ours_begins_no_trip(oidc: Oidc, carried: str) -> None:
    assert reason(oidc, carried, SAID) == "no trip"


def test_a_cookie_that_is_too_old_begins_no_trip(oidc: Oidc) -> None:
    old = Cipher(SECRET, "oidc")._fernet.encrypt_at_time(json.dumps(LEFT).encode(), 1_700_000_000).decode()
    assert AUTHORIZATION_TTL_S < 3600
    assert reason(oidc, old, SAID) == "no trip"


@pytest.mark.parametrize("state", ["", "state-2", "STATE-1", "state-1 ", "ñ", "x" * 10_000])
def test_another_state_is_refused_even_with_a_code(oidc: Oidc, state: str) -> None:
    assert reason(oidc, cookie(), SAID | {"state": state}) == "state"
    assert reason(oidc, cookie(), {"code": "code-1"}) == "state"


def test_another_issuer_is_refused(oidc: Oidc) -> None:
    assert reason(oidc, cookie(), SAID | {"iss": f"{ISSUER}.evil.example"}) == "issuer or code"


def test_what_the_provider_refused_is_told_in_few_characters(oidc: Oidc) -> None:
    assert reason(oidc, cookie(), {"state": "state-1", "error": "access_denied"}) == "access_denied"
    assert len(reason(oidc, cookie(), {"state": "state-1", "error": "x" * 9000})) == 40
