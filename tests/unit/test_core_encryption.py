"""Tests that encrypted data opens only for its own purpose and until its age limit."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from bot.conversation.addresses import Addresses
from bot.core.encryption import Cipher, Secrets, fingerprint, fingerprints
from bot.core.messages import Channel
from bot.core.settings import ROOT

SECRET = "s" * 40
USES = re.compile(r"Cipher\(|hmac\.new\(|PasswordHasher\(|pyrage\.|jwt\.decode\(|pyotp\.|compute_signature\(")
PURPOSES = re.compile(r'Cipher\([\w.]+, "([^"]+)"\)|^PURPOSE = "([a-z ]+)"', re.MULTILINE)


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
    old = encrypt._fernets[SECRET].encrypt_at_time(b"ana", 1_000_000_000).decode()
    assert encrypt.decrypt(old) == "ana"
    assert encrypt.decrypt(old, ttl_s=3600) is None
    assert encrypt.decrypt(encrypt.encrypt("ana"), ttl_s=3600) == "ana"


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "stolen", "stored", "outside"),
    [(0, False, "ana", "ana"), (-2, False, None, None), (1, True, "ana", None), (-2, True, None, None)],
    ids=["until its day", "after it", "stolen", "stolen and after"],
)
def test_replaced_secret_decrypts_until_its_term(days: int, stolen: bool, stored: str, outside: str) -> None:
    encrypted = Cipher(SECRET, "address").encrypt("ana")
    setting = Secrets.of(SECRET).rotated("n" * 40, datetime.now(UTC).date() + days * DAY, stolen=stolen)
    assert Cipher(setting, "address").decrypt(encrypted) == stored
    assert Cipher(setting, "address").decrypt(encrypted, outside=True) == outside
    new = Cipher(setting, "address").encrypt("ana")
    assert (Cipher("n" * 40, "address").decrypt(new), Cipher(SECRET, "address").decrypt(new)) == ("ana", None)


def test_secret_of_several_rotations_keeps_the_first_for_names() -> None:
    setting = Secrets.of("a,2026:b" + "x" * 40).rotated("b" * 40, date(2027, 1, 2))  # a secret may contain anything
    setting = Secrets.of(setting).rotated("c" * 40, date(2027, 2, 3), stolen=True)
    assert setting == f"{'c' * 40},2027-02-03!:{'b' * 40},2027-01-02:a,2026:b{'x' * 40}"
    assert Secrets.of(setting).every == ("a,2026:b" + "x" * 40, "b" * 40, "c" * 40)
    assert Addresses(setting).name(Channel.TELEGRAM, "7") == Addresses("a,2026:b" + "x" * 40).name(
        Channel.TELEGRAM, "7"
    )
    assert fingerprints(setting)[-2:] == (fingerprint("b" * 40), fingerprint("c" * 40))
    with pytest.raises(ValueError, match="day"):
        Secrets.of(f"{SECRET},2027-02-31:{SECRET}")


def test_every_use_of_a_key_is_in_the_inventory() -> None:
    inventory = (ROOT / "docs" / "security.md").read_text("utf-8").split("## Keys and algorithms")[1].split("\n## ")[0]
    modules = [path for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in modules}
    users = {name for name, text in texts.items() if USES.search(text)}
    purposes = {one or other for text in texts.values() for one, other in PURPOSES.findall(text)}
    assert {name for name in users if f"`{name}`" not in inventory} == set()
    assert {"addresses", "second factor", "devices", "oidc", "pending words"} <= purposes
    assert {name for name in purposes - {"ventanilla audit signature"} if f"«{name}»" not in inventory} == set()
