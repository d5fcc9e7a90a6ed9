"""Tests which passwords are refused, one-time passwords, and where signing in may redirect."""

from __future__ import annotations

import re
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters

from bot.desk.auth.passwords import Passwords, one_time_password, weakness
from bot.desk.pages.base import local_page

KNOWN = ("marta.rojas@losaromos.example", "Marta Rojas Peña", "Municipalidad de Los Aromos")
QUICK = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("corta", "corta"),
        ("once letras", "corta"),
        ("x" * 300, "larga"),
        ("aaaaaaaaaaaaaaaa", "repetitiva"),
        ("abababababab", "repetitiva"),
        ("Contraseña1234", "comun"),
        ("qwerty12345678", "comun"),
        ("MUNICIPALIDAD-2026", "comun"),
        ("marta.rojas@losaromos.example", "parecida"),
        ("martarojas2026", "parecida"),
        ("LosAromos12345", "parecida"),
        ("peñarojas1985", "parecida"),
        ("el gato come alcachofas", None),
        ("Marta riega sus alcachofas los lunes", None),
        ("kq8-zz4-pw2-xm7", None),
    ],
)
def test_weak_passwords_are_refused_with_their_reason(password: str, refused: str | None) -> None:
    assert weakness(password, known=KNOWN) == refused


def test_one_time_password_is_easy_to_read_aloud_and_never_repeats() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"(?:[a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", one) for one in made)


async def test_password_matches_in_any_unicode_normalization() -> None:
    passwords = Passwords(QUICK)
    kept = await passwords.hash(unicodedata.normalize("NFC", "la piñata está aquí"))
    assert await passwords.matches(unicodedata.normalize("NFD", "la piñata está aquí"), kept)
    assert not await passwords.matches("la pinata esta aqui", kept)


async def test_account_without_a_hash_costs_the_same_and_never_matches() -> None:
    passwords = Passwords(QUICK)
    assert not await passwords.matches("cualquier cosa", None)
    assert extract_parameters(passwords._dummy_hash) == extract_parameters(await passwords.hash("cualquier cosa"))


def test_hashes_are_argon2id() -> None:
    assert PasswordHasher().hash("x").startswith("$argon2id$")


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/desk", "/desk"),
        ("/desk#/t/12", "/desk#/t/12"),
        ("/desk/clave", "/desk/clave"),
        ("", "/desk"),
        ("https://otro.example/desk", "/desk"),
        ("//otro.example", "/desk"),
        ("/desk\\@otro.example", "/desk"),
        ("/desk//otro.example", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("/desk?x=1\r\nSet-Cookie: a=b", "/desk"),
    ],
)
def test_sign_in_redirects_only_to_pages_of_the_desk(address: str, page: str) -> None:
    assert local_page(address) == page
