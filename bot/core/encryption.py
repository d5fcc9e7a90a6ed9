"""Encrypts values that are stored or sent, with Fernet (AES-128-CBC, HMAC-SHA256) and a separate key for each purpose.

Keys are derived from VENTANILLA_SECRET by HKDF, so a copy of the database alone cannot be decrypted.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
FINGERPRINT_CHARACTERS = 16


def fingerprint(secret: str) -> str:
    """Returns a short hash (16 hex digits) of ``secret``, to compare two secrets without showing either."""
    return hmac.new(secret.encode(), b"ventanilla fingerprint", hashlib.sha256).hexdigest()[:FINGERPRINT_CHARACTERS]


class Cipher:
    """A cipher whose key is derived from ``secret`` (VENTANILLA_SECRET) and ``purpose``."""

    def __init__(self, secret: str, purpose: str) -> None:
        info = f"ventanilla {purpose}".encode()
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret.encode())
        self._fernet = Fernet(urlsafe_b64encode(key))

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None) -> str | None:
        """Returns the plain text; None if the value is damaged, has another key, or is older than ``ttl_s`` seconds."""
        try:
            return self._fernet.decrypt(encrypted.encode(), ttl=ttl_s).decode()
        except (InvalidToken, UnicodeError):
            return None
