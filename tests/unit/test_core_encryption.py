"""Tests that encrypted data opens only for its own purpose and until its age limit."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from bot.core.encryption import Cipher

SECRET = "s" * 40


@pytest.mark.parametrize("plain", ["", "+56 9 7654 3211", "ñandú 🦙 \u202e", "x" * 100_000, "a\x00b"])
def test_encrypted_text_decrypts_unchanged(plain: str) -> None:
    encrypt = Cipher(SECRET, "address")
    assert encrypt.decrypt(encrypt.encrypt(plain)) == plain


def test_another_purpose_or_secret_decrypts_nothing() -> None:
    encrypted = Cipher(SECRET, "address").encrypt("+56976543211")
    assert Cipher(SECRET, "oidc").decrypt(encrypted) is None
    assert Cipher("t" * 40, "address").decrypt(encrypted) is None


def test_encrypted_text_survives_a_restart_with_the_same_secret() -> None:
    assert Cipher(SECRET, "address").decrypt(Cipher(SECRET, "address").encrypt("ana")) == "ana"


def test_same_text_is_encrypted_differently_each_time() -> None:
    encrypt = Cipher(SECRET, "address")
    assert encrypt.encrypt("ana") != encrypt.encrypt("ana")


@pytest.mark.parametrize(
    "forged",
    ["", "no es nada", "é" * 40, "\ud800", "A" * 5000, Fernet(Fernet.generate_key()).encrypt(b"x").decode()],
    ids=["nothing", "words", "no base64", "half a character", "long", "of another key"],
)
def test_foreign_input_decrypts_to_nothing(forged: str) -> None:
    assert Cipher(SECRET, "address").decrypt(forged) is None


def test_changed_letter_decrypts_nothing() -> None:
    encrypt = Cipher(SECRET, "address")
    encrypted = encrypt.encrypt("a ticket for two")
    middle = len(encrypted) // 2
    other = "A" if encrypted[middle] != "A" else "B"
    assert encrypt.decrypt(encrypted[:middle] + other + encrypted[middle + 1 :]) is None


def test_too_old_ciphertext_does_not_decrypt() -> None:
    encrypt = Cipher(SECRET, "address")
    old = encrypt._fernet.encrypt_at_time(b"ana", 1_000_000_000).decode()
    assert encrypt.decrypt(old) == "ana"
    assert encrypt.decrypt(old, ttl_s=3600) is None
    assert encrypt.decrypt(encrypt.encrypt("ana"), ttl_s=3600) == "ana"
