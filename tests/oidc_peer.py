"""Runs an OpenID provider that is strict with its clients, and can be made to send false tokens.

It checks PKCE, single-use codes, the client's secret and an unchanged return address. ``claims`` change the ID token's
claims, ``algorithm`` its signature's algorithm, and ``signer`` the key of the signature.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "ventanilla", "a client secret of enough length"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class OidcPeer:
    """The provider; ``url`` is set by the test once the provider runs."""

    def __init__(self) -> None:
        self.url = ""
        self.key = KEY
        self.signer = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.issuer_told = ""
        self.missing = ""
        self.elsewhere: dict[str, str] = {}  # replaced URLs of endpoints
        self.asked: dict[str, str] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self.app.add_api_route("/.well-known/openid-configuration", self.about)
        self.app.add_api_route("/keys", self.keys)
        self.app.add_api_route("/authorize", self.authorize, response_model=None)
        self.app.add_api_route("/token", self.token, methods=["POST"], response_model=None)
        self.app.add_api_route("/me", self.me)

    def about(self) -> dict[str, Any]:
        ways = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "me",
        }
        endpoints = {name: f"{self.url}/{path}" for name, path in ways.items() if name != self.missing}
        return {"issuer": self.issuer_told or self.url} | endpoints | self.elsewhere

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def me(self) -> dict[str, Any]:
        return self.userinfo

    def authorize(self, request: Request) -> RedirectResponse:
        """Signs in every visitor immediately."""
        self.asked = dict(request.query_params)
        code = secrets.token_urlsafe()
        self.codes[code] = self.asked
        back = {"code": code, "state": self.asked["state"]}
        return RedirectResponse(f"{self.asked['redirect_uri']}?{urlencode(back)}", 303)

    async def token(self, request: Request) -> JSONResponse:
        form = await request.form()
        asked = self.codes.pop(str(form["code"]), None)
        basic = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked and asked["code_challenge_method"] == "S256" and asked["code_challenge"] == challenge
        if not fits or basic != f"{CLIENT}:{SECRET}" or asked["redirect_uri"] != form["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked)})

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        honest = {"iss": self.url, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {key: value for key, value in (honest | self.claims).items() if value is not None}
        if self.algorithm == "none":
            parts = ({"alg": "none"}, claims)
            return ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."
        key = OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.signer
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, key, algorithms=[self.algorithm])
