"""Tests parsing a citizen's contact: what is accepted, what is refused and why, how it is masked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.handoff.callbacks.contact import Contact, ContactKind, Unreadable, phone_from, read_contact
from bot.text.masking.masking import masked_contact
from tests.rows import each_row


@each_row(
    ("written", "kind", "value"),
    [
        ("987654321", ContactKind.MOBILE, "+56987654321"),
        ("+56 9 8765 4321", ContactKind.MOBILE, "+56987654321"),
        ("56987654321", ContactKind.MOBILE, "+56987654321"),
        ("0056 9 8765 4321", ContactKind.MOBILE, "+56987654321"),
        ("09 8765 4321", ContactKind.MOBILE, "+56987654321"),
        ("mi número es el 9-8765-4321, gracias", ContactKind.MOBILE, "+56987654321"),
        ("(2) 2345 6789", ContactKind.LANDLINE, "+56223456789"),
        ("fono 41 234 5678", ContactKind.LANDLINE, "+56412345678"),
        ("44 123 4567", ContactKind.LANDLINE, "+56441234567"),
        ("ana.perez@correo.cl", ContactKind.EMAIL, "ana.perez@correo.cl"),
        ("mi correo es Ana@CORREO.cl.", ContactKind.EMAIL, "Ana@correo.cl"),
    ],
)
def test_contacts_are_normalized(written: str, kind: ContactKind, value: str) -> None:
    assert read_contact(written) == Contact(kind, value)


@each_row(
    ("written", "problem", "digits"),
    [
        ("no tengo", "nada", 0),
        ("87654321", "corto", 8),
        ("9 8765 432", "corto", 8),
        ("98765432100", "largo", 11),
        ("123456789", "no_existe", 0),
        ("22.345.678-9", "rut", 0),
        ("12.345.678-5", "rut", 0),
        ("800 123 456", "no_recibe", 0),
        ("600 600 0000", "no_recibe", 0),
        ("+54 9 11 1234 5678", "extranjero", 0),
        ("9 8765 4321 o 2 2345 6789", "varios", 0),
        ("133", "corto", 3),
        ("ana@", "correo", 0),
        ("@correo.cl", "correo", 0),
        ("ana@correo", "correo", 0),
        ("ana@correo.con", "correo_con", 0),
        ("ana.perez gmail.com", "correo_sin_arroba", 0),
    ],
)
def test_invalid_contact_is_refused_with_its_reason(written: str, problem: str, digits: int) -> None:
    assert read_contact(written) == Unreadable(problem, digits)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("es el 9 8765 4321 ok", "es el +56 9 •••• 4321 ok"),
        ("+56987654321", "+56 9 •••• 4321"),
        ("+56412345678", "+56 41 •••• 5678"),
        ("8765432", "•••• 5432"),
        ("ana.perez@correo.cl", "a•••@correo.cl"),
        ("a las 15:30 del 24", "a las 15:30 del 24"),
        ("sí, de acuerdo", "sí, de acuerdo"),
    ],
)
def test_contact_is_masked_except_for_its_end(written: str, shown: str) -> None:
    assert masked_contact(written) == shown


@given(
    first=some.sampled_from("29"),
    rest=some.integers(2000_0000, 9999_9999),
    before=some.sampled_from(["", "es el ", "+56 "]),
)
def test_no_understood_number_stays_readable(first: str, rest: int, before: str) -> None:
    national = f"{first}{rest}"
    written = f"{before}{national}"
    if isinstance(read_contact(written), Contact):
        assert national[:5] not in masked_contact(written)


def test_channel_address_is_offered_only_when_it_is_a_callable_number() -> None:
    assert phone_from("whatsapp:+56987654321") == Contact(ContactKind.MOBILE, "+56987654321")
    assert [phone_from(address) for address in ("whatsapp:+5491112345678", "123456789", "")] == [None] * 3


def test_long_message_is_masked_and_parsed() -> None:
    """Checks this because a pattern that tries every split of the message would never end."""
    for long in ("a" * 4000, "a@" * 2000, "1 (" * 1300, "9" * 4000, "." * 4000 + "@"):
        assert masked_contact(long)
        assert isinstance(read_contact(long), Unreadable)
