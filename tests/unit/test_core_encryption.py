"""What is encrypted for one purpose opens for that purpose alone, and only for so long."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from bot.core.encryption import Seal

SECRET = "s" * 40


@pytest.mark.parametrize("plain", ["", "+56 9 7654 3211", "ñandú 🦙 \u202e", "x" * 100_000, "a\x00b"])
def test_what_is_sealed_opens_as_it_was(plain: str) -> None:
    seal = Seal(SECRET, "address")
    assert seal.open(seal.seal(plain)) == plain


def test_another_purpose_or_another_secret_opens_nothing() -> None:
    sealed = Seal(SECRET, "address").seal("+56976543211")
    assert Seal(SECRET, "oidc").open(sealed) is None
    assert Seal("t" * 40, "address").open(sealed) is None


def test_a_restart_with_the_same_secret_opens_what_was_sealed_before() -> None:
    assert Seal(SECRET, "address").open(Seal(SECRET, "address").seal("ana")) == "ana"


def test_the_same_words_are_sealed_differently_each_time() -> None:
    seal = Seal(SECRET, "address")
    assert seal.seal("ana") != seal.seal("ana")


@pytest.mark.parametrize(
    "forged",
    ["", "no es nada", "é" * 40, "\ud800", "A" * 5000, Fernet(Fernet.generate_key()).encrypt(b"x").decode()],
    ids=["nothing", "words", "no base64", "half a character", "long", "of another key"],
)
def test_what_was_never_sealed_opens_to_nothing_and_breaks_nothing(forged: str) -> None:
    assert Seal(SECRET, "address").open(forged) is None


def test_a_changed_letter_opens_nothing() -> None:
    seal = Seal(SECRET, "address")
    sealed = seal.seal("a ticket for two")
    middle = len(sealed) // 2
    other = "A" if sealed[middle] != "A" else "B"
    assert seal.open(sealed[:middle] + other + sealed[middle + 1 :]) is None


def test_what_is_older_than_asked_does_not_open() -> None:
    seal = Seal(SECRET, "address")
    old = seal._fernet.encrypt_at_time(b"ana", 1_000_000_000).decode()
    assert seal.open(old) == "ana"
    assert seal.open(old, ttl_s=3600) is None
    assert seal.open(seal.seal("ana"), ttl_s=3600) == "ana"
