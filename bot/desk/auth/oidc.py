"""Signs staff in with the agency's identity provider (OpenID Connect, authorization code flow with PKCE).

While the browser is at the provider, an encrypted cookie carries state, nonce and verifier. The ID token must be signed
with an asymmetric algorithm and match issuer, audience, time and nonce; the e-mail must be verified. The provider's
metadata and keys are fetched at each sign-in, so new keys work immediately.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.conversation.readable import readable
from bot.core.errors.staff import ProviderRefused
from bot.core.network import trusted
from bot.core.outgoing.destinations import only_to
from bot.core.outgoing.private import is_private
from bot.core.secrets.encryption import Cipher, Secrets
from bot.core.settings import Settings

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
AUTHORIZATION_TTL_S = 10 * 60
PATIENCE_S = 10.0
LEEWAY_S = 60
NONCE_CHARACTERS = 48


@dataclass(frozen=True)
class AuthorizationRequest:
    """A sent authorization request, with the authorization code that the provider returned for it."""

    state: str
    nonce: str
    verifier: str
    volver: str  # the page to show after signing in
    code: str


@dataclass(frozen=True)
class Identity:
    """A person's verified identity, as the provider states it.

    ``claims`` are those of the ID token; if it has no e-mail, e-mail and name come from the userinfo endpoint.
    """

    subject: str
    email: str
    name: str
    signed_in_at: int  # seconds since 1970; 0 if the provider did not send it
    claims: Mapping[str, Any]


class Oidc:
    """A client of the identity provider configured in ``settings``."""

    def __init__(self, settings: Settings) -> None:
        self._issuer, self._hosts = settings.oidc_issuer, settings.oidc_hosts
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret.get_secret_value()
        secret = settings.secret.get_secret_value()
        self._secret = Secrets.of(secret).current.encode()
        self._cipher = Cipher(secret, "oidc")

    async def leave(self, back_to: str, volver: str, *, again: bool) -> tuple[str, str]:
        """Begins a sign-in: returns (URL at the provider, value of the cookie to set). Raises ProviderRefused.

        ``back_to`` is the redirect URI, ``volver`` the page to show after signing in. With ``again`` the provider asks
        for the password again.
        """
        async with self._client(back_to) as client:
            metadata = await self._metadata(client)
            verifier, nonce = generate_token(NONCE_CHARACTERS), generate_token(NONCE_CHARACTERS)
            reauthentication = {"prompt": "login", "max_age": "0"} if again else {}
            address, state = client.create_authorization_url(
                _endpoint(metadata, "authorization_endpoint"), code_verifier=verifier, nonce=nonce, **reauthentication
            )
        return str(address), self._cipher.encrypt(json.dumps([state, nonce, verifier, volver]))

    def returned(self, cookie: str, params: Mapping[str, str]) -> AuthorizationRequest:
        """Returns the authorization request of a browser that comes back from the provider.

        Raises ProviderRefused unless the cookie and the query parameters (``params``) are valid and belong together.
        """
        request = self._cipher.decrypt(cookie, ttl_s=AUTHORIZATION_TTL_S, outside=True)
        if request is None:
            raise ProviderRefused(reason="no trip")
        state, nonce, verifier, volver = json.loads(request)
        if not hmac.compare_digest(params.get("state", "").encode(), state.encode()):
            raise ProviderRefused(reason="state")
        if params.get("iss", self._issuer) != self._issuer or "code" not in params:
            raise ProviderRefused(reason=params.get("error", "issuer or code")[:40])
        return AuthorizationRequest(state, nonce, verifier, volver, params["code"])

    async def identity(self, authorization: AuthorizationRequest, back_to: str) -> Identity:
        """Exchanges the code for the person's verified identity. Raises ProviderRefused."""
        try:
            return await self._identity(authorization, back_to)
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise ProviderRefused(reason=type(error).__name__) from error

    async def _identity(self, authorization: AuthorizationRequest, back_to: str) -> Identity:
        async with self._client(back_to) as client:
            metadata = await self._metadata(client)
            methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" not in methods:
                client.token_endpoint_auth_method = "client_secret_post"  # noqa: S105  (the name of a method)
            address = _endpoint(metadata, "token_endpoint")
            token = await client.fetch_token(address, code=authorization.code, code_verifier=authorization.verifier)
            key_set: Any = await _read(client, _endpoint(metadata, "jwks_uri"))
            keys = KeySet.import_key_set(key_set)
            claims = self._claims(str(token["id_token"]), keys, authorization.nonce)
            if "email" not in claims and "userinfo_endpoint" in metadata:
                claims |= await self._userinfo(client, _endpoint(metadata, "userinfo_endpoint"), claims["sub"])
        return _identity_from(claims)

    def _claims(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        claims = dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
        if claims.get("azp", self._client_id) != self._client_id:
            raise ProviderRefused(reason="azp")
        return claims

    async def _userinfo(self, client: Any, address: str, subject: str) -> dict[str, Any]:
        """Fetches e-mail and name from the userinfo endpoint. Raises ProviderRefused."""
        answer = await client.get(address)
        answer.raise_for_status()
        userinfo: dict[str, Any] = answer.json()
        if userinfo.get("sub") != subject:
            raise ProviderRefused(reason="userinfo")
        return {key: value for key, value in userinfo.items() if key in {"email", "email_verified", "name"}}

    def counter(self, network: str) -> str:
        """Returns the name of a network's request counter, an HMAC that does not reveal the network."""
        return "oidc:" + hmac.new(self._secret, f"oidc {network}".encode(), "sha256").hexdigest()[:32]

    async def _metadata(self, client: Any) -> dict[str, Any]:
        metadata = await _read(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != self._issuer:
            raise ProviderRefused(reason="issuer")
        return metadata

    def _client(self, back_to: str) -> Any:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            verify=trusted(),
            scope=SCOPE,
            redirect_uri=back_to,
            code_challenge_method="S256",
            timeout=PATIENCE_S,
            follow_redirects=False,
            event_hooks=only_to(self._issuer, *self._hosts, refused=_elsewhere),
        )


def _elsewhere(host: str) -> ProviderRefused:
    return ProviderRefused(reason=f"{host} is not in OIDC_HOSTS"[:80])


def _identity_from(claims: dict[str, Any]) -> Identity:
    email = str(claims.get("email", "")).strip().lower()
    if not email or claims.get("email_verified") is not True:
        raise ProviderRefused(reason="email not verified")
    subject, name = str(claims["sub"]), readable(str(claims.get("name") or ""))
    if readable(subject + email) != subject + email:
        raise ProviderRefused(reason="no store keeps it")
    signed_in_at = max(0, min(int(claims.get("auth_time") or 0), int(time.time())))
    return Identity(subject, email, name, signed_in_at, claims)


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    """Returns an endpoint's address from the provider's metadata.

    Raises ProviderRefused if the address is missing, or if it is neither https nor on this machine, since codes, tokens
    and our client secret go there.
    """
    if name not in metadata:
        raise ProviderRefused(reason=f"no {name}")
    address = str(metadata[name])
    if not is_private(address):
        raise ProviderRefused(reason=f"{name} is not https")
    return address


async def _read(client: Any, address: str) -> dict[str, Any]:
    """Fetches a JSON object without sending the access token. Raises ProviderRefused."""
    try:
        answer = await client.request("GET", address, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderRefused(reason=type(error).__name__) from error
    if not isinstance(found, dict):
        raise ProviderRefused(reason="not an object")
    return found
