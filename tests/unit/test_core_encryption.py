"""What is encrypted for one purpose opens for that purpose alone, and only for so long."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from bot.core.encryption import Cipher

SECRET = "s" * 40


@pytest.mark.parametrize("plain", ["", "+56 9 7654 3211", "ñandú 🦙 \u202e", "x" * 100_000, "a\x00b"])
def test_what_is_sealed_opens_as_it_was(plain: str) -> None:
    encrypt = Cipher(SECRET, "address")
    assert encrypt.decrypt(encrypt.encrypt(plain)) == plain


def test_another_purpose_or_another_secret_opens_nothing() -> None:
    encrypted = Cipher(SECRET, "address").encrypt("+56976543211")
    assert Cipher(SECRET, "oidc").decrypt(encrypted) is None
    assert Cipher("t" * 40, "address").decrypt(encrypted) is None


def test_a_restart_with_the_same_secret_opens_what_was_sealed_before() -> None:
    assert Cipher(SECRET, "address").decrypt(Cipher(SECRET, "address").encrypt("ana")) == "ana"


def test_the_same_words_are_sealed_differently_each_time() -> None:
    encrypt = Cipher(SECRET, "address")
    assert encrypt.encrypt("ana") != encrypt.encrypt("ana")


@pytest.mark.parametrize(
    "forged",
    ["", "no es nada", "é" * 40, "\ud800", "A" * 5000, Fernet(Fernet.generate_key()).encrypt(b"x").decode()],
    ids=["nothing", "words", "no base64", "half a character", "long", "of another key"],
)
def test_what_was_never_sealed_opens_to_nothing_and_breaks_nothing(forged: str) -> None:
    assert Cipher(SECRET, "address").decrypt(forged) is None


def test_a_changed_letter_opens_nothing() -> None:
    encrypt = Cipher(SECRET, "address")
    encrypted = encrypt.encrypt("a ticket for two")
    middle = len(encrypted) // 2
    other = "A" if encrypted[middle] != "A" else "B"
    assert encrypt.decrypt(encrypted[:middle] + other + encrypted[middle + 1 :]) is None


def test_what_is_older_than_asked_does_not_open() -> None:
    encrypt = Cipher(SECRET, "address")
    old = encrypt._fernet.encrypt_at_time(b"ana", 1_000_000_000).decode()
    assert encrypt.decrypt(old) == "ana"
    assert encrypt.decrypt(old, ttl_s=3600) is None
    assert encrypt.decrypt(encrypt.encrypt("ana"), ttl_s=3600) == "ana"
