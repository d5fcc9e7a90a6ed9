"""Tests that a return from the identity provider must match the data with which the browser left, in time."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from bot.core.errors.staff import ProviderRefused
from bot.core.secrets.encryption import Cipher
from bot.core.settings import Settings
from bot.desk.auth.oidc import AUTHORIZATION_TTL_S, Oidc

SECRET, ISSUER = "s" * 40, "https://id.losaromos.example"
LEFT = ["state-1", "nonce-1", "verifier-1", "/desk/cuenta"]
SAID = {"state": "state-1", "code": "code-1"}


@pytest.fixture
def oidc() -> Oidc:
    ours = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "us", "PUBLIC_URL": "https://chat.losaromos.example"}
    return Oidc(Settings(VENTANILLA_SECRET=SecretStr(SECRET), **ours))


def cookie(secret: str = SECRET, purpose: str = "oidc") -> str:
    return Cipher(secret, purpose).encrypt(json.dumps(LEFT))


def reason(oidc: Oidc, carried: str, said: dict[str, str]) -> str:
    with pytest.raises(ProviderRefused) as caught:
        oidc.returned(carried, said)
    return str(caught.value.facts["reason"])


def test_matching_return_continues_the_same_sign_in(oidc: Oidc) -> None:
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
def test_foreign_cookie_begins_no_sign_in(oidc: Oidc, carried: str) -> None:
    assert reason(oidc, carried, SAID) == "no trip"


def test_expired_cookie_begins_no_sign_in(oidc: Oidc) -> None:
    old = Cipher(SECRET, "oidc").encrypt_at(json.dumps(LEFT), 1_700_000_000)
    assert AUTHORIZATION_TTL_S < 3600
    assert reason(oidc, old, SAID) == "no trip"


@pytest.mark.parametrize("state", ["", "state-2", "STATE-1", "state-1 ", "ñ", "x" * 10_000])
def test_another_state_is_refused_even_with_a_code(oidc: Oidc, state: str) -> None:
    assert reason(oidc, cookie(), SAID | {"state": state}) == "state"
    assert reason(oidc, cookie(), {"code": "code-1"}) == "state"


def test_another_issuer_is_refused(oidc: Oidc) -> None:
    assert reason(oidc, cookie(), SAID | {"iss": f"{ISSUER}.evil.example"}) == "issuer or code"


def test_providers_refusal_is_reported_in_few_characters(oidc: Oidc) -> None:
    assert reason(oidc, cookie(), {"state": "state-1", "error": "access_denied"}) == "access_denied"
    assert len(reason(oidc, cookie(), {"state": "state-1", "error": "x" * 9000})) == 40
