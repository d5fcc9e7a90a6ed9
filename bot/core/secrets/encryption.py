"""Encrypts values that are stored or sent, with AES-256-GCM and a separate key for each purpose.

Keys are derived from VENTANILLA_SECRET by HKDF, so a copy of the database alone cannot be decrypted. A rotation keeps
the secrets that were replaced in the same setting (``Secrets``). Transcripts are encrypted with AES-256-GCM and a
random key for each conversation, which a master key wraps. Values of earlier versions, which used Fernet (AES-128-CBC,
HMAC-SHA256), are still read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FINGERPRINT_CHARACTERS = 16
VERSION, TIME_BYTES = b"\x02", 8  # Fernet begins with 0x80
HEAD_BYTES = len(VERSION) + TIME_BYTES
MAX_SKEW_S = 60  # a value may be this much from the future, as clocks of two machines differ
REPLACED = re.compile(r",(\d{4}-\d{2}-\d{2})(!?):")
STOLEN_MARK = "!"


@dataclass(frozen=True)
class Replaced:
    """A secret that a rotation replaced; still accepted through the day ``until``, in UTC.

    A ``stolen`` secret decrypts only values that we stored ourselves, since the thief could forge links and cookies.
    """

    secret: str
    until: date
    stolen: bool = False


@dataclass(frozen=True)
class Secrets:
    """The secrets in VENTANILLA_SECRET: the secret in use, and the replaced secrets, newest first.

    The setting has the form ``secret,2027-02-26:older,2026-11-30!:oldest``; ``!`` after a day marks a stolen secret.
    """

    current: str
    replaced: tuple[Replaced, ...] = ()

    @classmethod
    def of(cls, setting: str) -> Secrets:
        """Parses the value of VENTANILLA_SECRET. Raises ValueError if a day does not exist."""
        current, *rest = REPLACED.split(setting)
        groups = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        return cls(current, tuple(Replaced(old, date.fromisoformat(day), mark != "") for day, mark, old in groups))

    def rotated(self, new: str, until: date, *, stolen: bool = False) -> str:
        """Returns the setting in which ``new`` replaces the current secret.

        The current secret still decrypts up to and including the day ``until``; with ``stolen``, it is marked as
        stolen.
        """
        older = [Replaced(self.current, until, stolen), *self.replaced]
        return new + "".join(f",{one.until}{STOLEN_MARK * one.stolen}:{one.secret}" for one in older)

    @property
    def naming(self) -> str:
        """Returns the oldest secret, from which conversations' names are derived; a rotation changes no name."""
        return self.replaced[-1].secret if self.replaced else self.current

    @property
    def every(self) -> tuple[str, ...]:
        """Returns all secrets, oldest first."""
        return (*(one.secret for one in reversed(self.replaced)), self.current)

    def accepted(self, *, outside: bool) -> tuple[str, ...]:
        """Returns the secrets that decrypt today, the current one first.

        With ``outside``, the value to decrypt comes from a browser or a provider, so a stolen secret does not count.
        """
        today = datetime.now(UTC).date()
        valid = (one for one in self.replaced if today <= one.until and not (outside and one.stolen))
        return (self.current, *(one.secret for one in valid))


def fingerprint(setting: str) -> str:
    """Returns a short hash (16 hex digits) of the current secret, to compare two secrets without showing either."""
    return fingerprints(setting)[-1]


def fingerprints(setting: str) -> tuple[str, ...]:
    """Returns the short hash of every secret in VENTANILLA_SECRET, oldest first."""
    hashes = (hmac.new(one.encode(), b"ventanilla fingerprint", hashlib.sha256) for one in Secrets.of(setting).every)
    return tuple(one.hexdigest()[:FINGERPRINT_CHARACTERS] for one in hashes)


def derived_key(secret: str, purpose: str) -> bytes:
    """Derives the key (KEY_BYTES) for one purpose from ``secret`` by HKDF-SHA256."""
    info = f"ventanilla {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret.encode())


class Cipher:
    """A cipher whose keys are derived from ``secret`` (VENTANILLA_SECRET) and ``purpose``.

    Encrypts with the current secret, and also decrypts with replaced ones while they are accepted. An encrypted value
    is URL-safe Base64 of a version (one byte), the time (8 bytes, seconds), a nonce, the ciphertext and its tag.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        self._secrets = Secrets.of(secret)
        self._purpose = purpose
        self._ciphers = {one: BoundCipher(derived_key(one, f"{purpose} aes-256-gcm")) for one in self._secrets.every}
        self._fernets = {one: Fernet(urlsafe_b64encode(derived_key(one, purpose))) for one in self._secrets.every}

    def encrypt(self, plain: str) -> str:
        return self.encrypt_at(plain, int(time.time()))

    def encrypt_at(self, plain: str, seconds: int) -> str:
        """Encrypts ``plain`` as if the current time were ``seconds`` (since 1970); a test can thus let it expire."""
        head = VERSION + seconds.to_bytes(TIME_BYTES, "big")
        sealed = self._ciphers[self._secrets.current].encrypt(plain.encode(), self._about(head))
        return urlsafe_b64encode(head + sealed).decode()

    def decrypt(self, encrypted: str, *, ttl_s: int | None = None, outside: bool = False) -> str | None:
        """Returns the plain text; None if the value is damaged, older than ``ttl_s`` seconds, or has another key.

        ``outside`` means that the value is a link, a cookie or a form field, rather than something that we stored.
        """
        for secret in self._secrets.accepted(outside=outside):
            if (plain := self._opened(secret, encrypted, ttl_s)) is not None:
                return plain
        return None

    def renewed(self, encrypted: str) -> str | None:
        """Returns the stored value encrypted with the current secret.

        Returns None if it already is, or if it cannot be decrypted.
        """
        if self._opened(self._secrets.current, encrypted) is not None:
            return None
        plain = self.decrypt(encrypted)
        return None if plain is None else self.encrypt(plain)

    def _opened(self, secret: str, encrypted: str, ttl_s: int | None = None) -> str | None:
        """Returns the plain text of a value in the current or the Fernet format; None if it has another secret."""
        try:
            raw = b64decode(encrypted.encode("ascii"), altchars=b"-_", validate=True)
            if not raw.startswith(VERSION):
                return self._fernets[secret].decrypt(encrypted.encode(), ttl=ttl_s).decode()
            head, sealed = raw[:HEAD_BYTES], raw[HEAD_BYTES:]
            plain = self._ciphers[secret].decrypt(sealed, self._about(head))
            age_s = time.time() - int.from_bytes(head[len(VERSION) :], "big")
            expired = ttl_s is not None and not -MAX_SKEW_S <= age_s <= ttl_s
            return None if plain is None or expired else plain.decode()
        except (InvalidToken, ValueError):
            return None

    def _about(self, head: bytes) -> str:
        return f"{self._purpose} {head.hex()}"


class BoundCipher:
    """A cipher with AES-256-GCM that binds each value to the place where it is stored.

    ``about`` names this place. Decrypting with another ``about`` fails, as for a damaged value.
    """

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    def encrypt(self, plain: bytes, about: str) -> bytes:
        """Returns the encrypted value: a random nonce (NONCE_BYTES), the ciphertext and its tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, plain, about.encode())

    def decrypt(self, encrypted: bytes, about: str) -> bytes | None:
        """Returns the plain value; None if it is damaged, or was encrypted with another key or another ``about``."""
        try:
            return self._aes.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            return None


@dataclass(frozen=True)
class ConversationCipher:
    """The cipher of one conversation; ``id`` identifies its key in the record."""

    id: str
    cipher: BoundCipher

    def encrypt(self, plain: str, about: str) -> str:
        return b64encode(self.cipher.encrypt(plain.encode(), about)).decode()

    def decrypt(self, encrypted: str, about: str) -> str | None:
        """Returns the plain text of a Base64 value.

        Returns None if it is damaged, or was encrypted with another key or ``about``.
        """
        try:
            plain = self.cipher.decrypt(b64decode(encrypted, validate=True), about)
        except ValueError:
            return None
        return None if plain is None else plain.decode()


class MasterKeys:
    """The master keys that wrap the keys of conversations.

    New keys are wrapped with the master key of ``secret``; the master keys of ``older`` only unwrap. ``search`` is the
    secret for hashing search terms, which does not change with the master key; if it is '', ``secret`` is used.
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
        """Returns the cipher of a wrapped key.

        Returns None if the master key is unknown, or the key was wrapped for another conversation or id.
        """
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


def key_id(secret: str, purpose: str) -> str:
    """Returns a short id (8 hex digits) of the key derived from ``secret`` for a purpose; stored with what it encrypts.

    The id is the hash of a separately derived key, so it reveals nothing about the key itself.
    """
    return hashlib.sha256(derived_key(secret, f"name of {purpose}")).hexdigest()[:8]


def _master_id(secret: str) -> str:
    """Returns a short id (8 hex digits) of the master key derived from ``secret``; stored with wrapped keys."""
    return key_id(secret, "the transcripts' master")
