"""Tests that encrypted data opens only for its own purpose and until its age limit."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr, ValidationError

from bot.conversation.addresses import Addresses
from bot.core.messages import Channel
from bot.core.secrets.encryption import Cipher, MasterKeys, Secrets, derived_key, fingerprint, fingerprints
from bot.core.settings import ROOT, Settings

SECRET = "s" * 40
USES = re.compile(
    r"Cipher\(|MasterKeys\(|AESGCM\(|hmac\.new\(|PasswordHasher\(|pyrage\.|jwt\.decode\(|pyotp\.|compute_signature\("
)
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
    old = encrypt.encrypt_at("ana", 1_000_000_000)
    assert encrypt.decrypt(old) == "ana"
    assert encrypt.decrypt(encrypt.encrypt_at("ana", 10_000_000_000), ttl_s=3600) is None  # from the future
    assert encrypt.decrypt(old, ttl_s=3600) is None
    assert encrypt.decrypt(encrypt.encrypt("ana"), ttl_s=3600) == "ana"


def test_value_of_an_earlier_version_is_read_and_a_new_one_is_of_aes_256_gcm() -> None:
    encrypt = Cipher(SECRET, "address")
    earlier = Fernet(urlsafe_b64encode(derived_key(SECRET, "address")))
    assert encrypt.decrypt(earlier.encrypt(b"ana").decode()) == "ana"
    assert encrypt.decrypt(earlier.encrypt_at_time(b"ana", 1_000_000_000).decode(), ttl_s=3600) is None
    raw = urlsafe_b64decode(encrypt.encrypt("ana"))
    key = derived_key(SECRET, "address aes-256-gcm")
    assert (raw[0], len(key)) == (2, 32)
    assert AESGCM(key).decrypt(raw[9:21], raw[21:], f"address {raw[:9].hex()}".encode()) == b"ana"


def test_only_a_value_of_a_replaced_secret_is_renewed() -> None:
    setting = Secrets.of(SECRET).rotated("n" * 40, datetime.now(UTC).date() + timedelta(days=1))
    old, earlier = Cipher(SECRET, "address"), Fernet(urlsafe_b64encode(derived_key(SECRET, "address")))
    now = Cipher(setting, "address")
    for value in (old.encrypt("ana"), earlier.encrypt(b"ana").decode()):
        assert Cipher("n" * 40, "address").decrypt(now.renewed(value) or "") == "ana"
        assert old.renewed(value) is None
    assert now.renewed(now.encrypt("ana")) is None


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


def test_bound_value_is_read_with_its_key_and_in_its_place_only() -> None:
    masters = MasterKeys(SECRET)
    one, wrapped = masters.new_key("c1")
    other, _ = masters.new_key("c1")
    encrypted = one.encrypt("ñandú 🦙", "messages c1 1-0")
    unwrapped = MasterKeys("n" * 40, SECRET).unwrap("c1", one.id, masters.newest, wrapped)
    assert unwrapped is not None
    assert unwrapped.decrypt(encrypted, "messages c1 1-0") == "ñandú 🦙"
    assert one.decrypt(encrypted, "messages c1 2-0") is None
    assert other.decrypt(encrypted, "messages c1 1-0") is None
    assert [one.decrypt(damaged, "messages c1 1-0") for damaged in ("", "ñ", encrypted[:-4], encrypted[4:])] == [
        None
    ] * 4
    assert masters.unwrap("c2", one.id, masters.newest, wrapped) is None
    assert MasterKeys("n" * 40).unwrap("c1", one.id, masters.newest, wrapped) is None


def test_short_master_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="TRANSCRIPT_KEY needs at least 32 characters"):
        Settings(TRANSCRIPT_KEY=SecretStr("x" * 31))
    assert Settings(TRANSCRIPT_KEY=SecretStr("")).transcript_key.get_secret_value() == ""


def test_every_use_of_a_key_is_in_the_inventory() -> None:
    inventory = (ROOT / "docs" / "security.md").read_text("utf-8").split("## Keys and algorithms")[1].split("\n## ")[0]
    modules = [path for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in modules}
    users = {name for name, text in texts.items() if USES.search(text)}
    purposes = {one or other for text in texts.values() for one, other in PURPOSES.findall(text)}
    assert {name for name in users if f"`{name}`" not in inventory} == set()
    assert {"addresses", "second factor", "devices", "oidc", "pending words"} <= purposes
    assert {name for name in purposes - {"ventanilla audit signature"} if f"«{name}»" not in inventory} == set()
