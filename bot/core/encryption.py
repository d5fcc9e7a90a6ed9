"""Encrypts values that are stored or sent, with Fernet (AES-128-CBC, HMAC-SHA256) and a separate key for each purpose.

Keys are derived from VENTANILLA_SECRET by HKDF, so a copy of the database alone cannot be decrypted. Transcripts are
encrypted with AES-256-GCM and a random key for each conversation, which a master key wraps.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FINGERPRINT_CHARACTERS = 16


def fingerprint(secret: str) -> str:
    """Returns a short hash (16 hex digits) of ``secret``, to compare two secrets without showing either."""
    return hmac.new(secret.encode(), b"ventanilla fingerprint", hashlib.sha256).hexdigest()[:FINGERPRINT_CHARACTERS]


def derived_key(secret: str, purpose: str) -> bytes:
    """Derives the key (KEY_BYTES) for one purpose from ``secret`` by HKDF-SHA256."""
    info = f"ventanilla {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret.encode())


class Cipher:
    """A cipher whose key is derived from ``secret`` (VENTANILLA_SECRET) and ``purpose``."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._fernet = Fernet(urlsafe_b64encode(derived_key(secret, purpose)))

    def encrypt(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None) -> str | None:
        """Returns the plain text; None if the value is damaged, has another key, or is older than ``ttl_s`` seconds."""
        try:
            return self._fernet.decrypt(encrypted.encode(), ttl=ttl_s).decode()
        except (InvalidToken, UnicodeError):
            return None


class BoundCipher:
    """A cipher with AES-256-GCM whose values can only be decrypted where they belong.

    ``about`` names this place. Decrypting with another ``about`` fails, like decrypting a damaged value.
    """

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def encrypt(self, plain: bytes, about: str) -> bytes:
        """Returns a random nonce (NONCE_BYTES), the ciphertext, and its tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, plain, about.encode())

    def decrypt(self, encrypted: bytes, about: str) -> bytes | None:
        """Returns the plain value; None if it is damaged, has another key, or belongs elsewhere."""
        try:
            return self._aes.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            return None


@dataclass(frozen=True)
class ConversationCipher:
    """The cipher of one conversation; ``id`` is its key's id in the record."""

    id: str
    cipher: BoundCipher

    def encrypt(self, plain: str, about: str) -> str:
        return b64encode(self.cipher.encrypt(plain.encode(), about)).decode()

    def decrypt(self, encrypted: str, about: str) -> str | None:
        """Returns the plain text; None if it is damaged, has another key, or belongs elsewhere."""
        try:
            plain = self.cipher.decrypt(b64decode(encrypted, validate=True), about)
        except ValueError:
            return None
        return None if plain is None else plain.decode()


class MasterKeys:
    """The master keys that wrap conversations' keys: the one of ``secret`` wraps, those of ``older`` only unwrap.

    ``search`` is the secret for the search terms, which stays when the master changes.
    """

    def __init__(self, secret: str, *older: str, search: str = "") -> None:
        self._ciphers = {_master_id(one): BoundCipher(derived_key(one, "transcripts")) for one in (*older, secret)}
        self.newest = _master_id(secret)
        self._search = derived_key(search or secret, "search terms")

    def new_key(self, conversation: str) -> tuple[ConversationCipher, bytes]:
        """Returns the cipher of a new random key for the conversation, and the key wrapped by the newest master."""
        id, key = secrets.token_hex(4), AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        return ConversationCipher(id, BoundCipher(key)), self._wrapped(key, f"{conversation} {id}")

    def unwrap(self, conversation: str, id: str, master: str, wrapped: bytes) -> ConversationCipher | None:
        """Returns the cipher of a wrapped key; None if its master is unknown, or the key belongs elsewhere."""
        key = self._unwrapped(f"{conversation} {id}", master, wrapped)
        return None if key is None else ConversationCipher(id, BoundCipher(key))

    def rewrap(self, conversation: str, id: str, master: str, wrapped: bytes) -> bytes | None:
        """Returns the key wrapped by the newest master; None if the key cannot be unwrapped."""
        about = f"{conversation} {id}"
        key = self._unwrapped(about, master, wrapped)
        return None if key is None else self._wrapped(key, about)

    def search_term(self, lexeme: str) -> str:
        """Returns 64 bits of the lexeme's HMAC, as 16 hex digits."""
        return hmac.new(self._search, lexeme.encode(), hashlib.sha256).hexdigest()[:FINGERPRINT_CHARACTERS]

    def _wrapped(self, key: bytes, about: str) -> bytes:
        return self._ciphers[self.newest].encrypt(key, about)

    def _unwrapped(self, about: str, master: str, wrapped: bytes) -> bytes | None:
        cipher = self._ciphers.get(master)
        return cipher.decrypt(wrapped, about) if cipher else None


def _master_id(secret: str) -> str:
    """Returns a short name of the master key derived from ``secret``, by which the wrapped keys refer to it."""
    return hashlib.sha256(derived_key(secret, "name of the transcripts' master")).hexdigest()[:8]
