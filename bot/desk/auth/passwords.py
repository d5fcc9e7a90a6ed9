"""Passwords of the staff: argon2id hashes, one-time passwords, and which passwords are refused.

Called by ``staff`` (accounts) and ``sign_in``. Hashing takes about 0.1 s and 64 MiB: in a thread, few at once.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
MIN_DIFFERENT_CHARACTERS = 5
MIN_NAME_PART = 4
HASHES_AT_ONCE = 2
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no l, o, i, 0, 1: it is read aloud and typed by hand
ONE_TIME_GROUPS = 4
ONE_TIME_GROUP_CHARACTERS = 4
COMMON_FILE = Path(__file__).parent / "common_passwords.txt"


class Passwords:
    """Hashes and checks. An account that does not exist costs the same time as one that does."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = _nobodys_hash(self._hasher)
        self._at_once = asyncio.Semaphore(HASHES_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._at_once:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; always False, after the same work, for an account without hash (None)."""
        async with self._at_once:
            same = await asyncio.to_thread(self._verify, password_hash or self._nobody, _normal(password))
        return same and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """What no password has as its hash, as much work to check as any."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (b64encode(secrets.token_bytes(size)).decode() for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt.rstrip('=')}${digest.rstrip('=')}"


def one_time_password() -> str:
    """Four groups of four characters, 79 bits."""
    groups = (
        "".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(ONE_TIME_GROUP_CHARACTERS))
        for _ in range(ONE_TIME_GROUPS)
    )
    return "-".join(groups)


def weakness(password: str, *, known: tuple[str, ...]) -> str | None:
    """Why the password is refused, as a key below ``desk.clave``, or None when it is good.

    ``known`` are words an attacker tries first: the person's e-mail and name, the agency's name.
    """
    if len(password) < MIN_CHARACTERS:
        return "corta"
    if len(password) > MAX_CHARACTERS:
        return "larga"
    if len(set(password.lower())) < MIN_DIFFERENT_CHARACTERS:
        return "repetitiva"
    plain = _letters(password)
    if plain in _common():
        return "comun"
    return "parecida" if _is_known(plain, known) else None


def _is_known(plain: str, known: tuple[str, ...]) -> bool:
    """Whether little is left of the password once the known words and the digits are taken out."""
    left = plain
    parts = {_letters(part) for text in known for part in [text, *text.replace("@", " ").replace(".", " ").split()]}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= MIN_NAME_PART:
            left = left.replace(part, "")
    left = "".join(mark for mark in left if not mark.isdigit())
    return left != plain and len(left) < MIN_CHARACTERS // 2 and len(left) < len(plain) // 2


def _common() -> frozenset[str]:
    return frozenset(_letters(line) for line in COMMON_FILE.read_text(encoding="utf-8").splitlines() if line)


def _letters(text: str) -> str:
    """Lower case letters and digits without accents."""
    folded = unicodedata.normalize("NFKD", text.lower())
    return "".join(mark for mark in folded if mark.isalnum())


def _normal(password: str) -> str:
    """One form for what keyboards write in several: «ñ» of a phone and «ñ» of a computer are the same password."""
    return unicodedata.normalize("NFC", password)
