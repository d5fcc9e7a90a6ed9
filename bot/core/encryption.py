"""What may be kept or carried only unreadable: Fernet (AES-128-CBC, HMAC-SHA256) with a key of its own a purpose.

Called by the channels (addresses, handles of files) and by the console (second factors, cookies). Keys come from
VENTANILLA_SECRET by HKDF, so a copy of the database alone opens nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class Cipher:
    """``secret`` is VENTANILLA_SECRET; what one ``purpose`` sealed, another does not open."""

    def __init__(self, secret: str, purpose: str) -> None:
        info = f"ventanilla {purpose}".encode()
        key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret.encode())
        self._fernet = Fernet(urlsafe_b64encode(key))

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None) -> str | None:
        """What was sealed; None when it was not sealed with this key, or longer than ``ttl_s`` ago."""
        try:
            return self._fernet.decrypt(encrypted.encode(), ttl=ttl_s).decode()
        except (InvalidToken, UnicodeError):
            return None
