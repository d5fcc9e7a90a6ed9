"""Parses a citizen's contact for a call-back: a Chilean telephone number or an e-mail address.

No other module uses the library ``email-validator``; bot/channels/formatting/phone_numbers.py finds numbers in answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher, PhoneNumberType
from stdnum.cl import rut

from bot.text.masking.masking import masked_contact

CHILE = "CL"
CHILE_CODE = 56
NATIONAL_DIGITS = 9
MAX_CHARACTERS = 500
MOBILE_PREFIX = "9"
CALLED = frozenset(
    {
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.VOIP,
    }
)
_RUT = re.compile(r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b")
_DATE = re.compile(
    r"(?<![\d./-])(?:(?:0?[1-9]|[12]\d|3[01])(?P<mark>[./-])(?:0?[1-9]|1[0-2])(?P=mark)(?:19|20)?\d\d"
    r"|(?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01]))(?![./-]?\d)"
)
_TIME = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)")
_WORD_WITH_AT = re.compile(r"\S*@\S*")
_LOOKS_LIKE_MAIL = re.compile(r"[^\W\d]\S*\s?\.(cl|com|net|org)\b", re.IGNORECASE)
MAIL_EDGES = ".,;:()<>\"'¿?¡!"


class ContactKind(StrEnum):
    """The kind of contact by which the citizen is reached."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"


@dataclass(frozen=True)
class Contact:
    """A valid contact; ``value`` is E.164 (``+56987654321``) or an e-mail address as email-validator normalizes it."""

    kind: ContactKind
    value: str

    @property
    def shown(self) -> str:
        """Returns the masked contact for display, such as ``+56 9 •••• 4321`` or ``a•••@correo.cl``."""
        return masked_contact(self.value)

    @property
    def by_mail(self) -> bool:
        return self.kind is ContactKind.EMAIL


@dataclass(frozen=True)
class Unreadable:
    """The reason why the text contains no usable contact.

    ``problem`` completes the text key ``llamada_error_...``; ``digits`` is the number's count of digits if it is too
    short or too long, else 0.
    """

    problem: str
    digits: int = 0


def read_contact(text: str) -> Contact | Unreadable:
    """Returns the contact in the first MAX_CHARACTERS of the text, or the reason why there is none."""
    text = text[:MAX_CHARACTERS]
    if address := _WORD_WITH_AT.search(text):
        return _mail(address[0].strip(MAIL_EDGES))
    if (number := _RUT.search(text)) and ("." in number[0] or rut.is_valid(number[0])):
        return Unreadable("rut")
    numbers = {_e164(match.number): match.number for match in PhoneNumberMatcher(text, CHILE)}
    if len(numbers) > 1:
        return Unreadable("varios")
    if numbers:
        return _phone(next(iter(numbers.values())))
    return _digits(text)


def has_other_numbers(text: str) -> bool:
    """Returns whether a text has a RUT with its check digit (right or not), a date, or times and no other digits."""
    untimed = _TIME.sub("", text)
    return bool(_RUT.search(text) or _DATE.search(text)) or (untimed != text and not any(map(str.isdigit, untimed)))


def spoken(value: str) -> str:
    """Formats a phone number for display (``+56 9 8765 4321``); returns an e-mail address unchanged."""
    if not value.startswith("+"):
        return value
    return phonenumbers.format_number(phonenumbers.parse(value), PhoneNumberFormat.INTERNATIONAL)


def phone_from(address: str) -> Contact | None:
    """Returns the Chilean phone number in a channel's address such as ``whatsapp:+56987654321``, else None."""
    found = read_contact(address.rpartition(":")[2]) if "+" in address else None
    return found if isinstance(found, Contact) and not found.by_mail else None


def _mail(text: str) -> Contact | Unreadable:
    if text.lower().endswith(".con"):
        return Unreadable("correo_con")
    try:
        return Contact(ContactKind.EMAIL, validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError:
        return Unreadable("correo")


def _phone(number: PhoneNumber) -> Contact | Unreadable:
    if number.country_code != CHILE_CODE:
        return Unreadable("extranjero")
    if phonenumbers.number_type(number) not in CALLED:
        return Unreadable("no_recibe")
    mobile = str(number.national_number).startswith(MOBILE_PREFIX)
    return Contact(ContactKind.MOBILE if mobile else ContactKind.LANDLINE, _e164(number))


def _digits(text: str) -> Contact | Unreadable:
    """Parses numbers that the library does not find: old or long notations, or with too few or too many digits."""
    digits = re.sub(r"\D", "", text)
    if not digits:
        return Unreadable("correo_sin_arroba" if _LOOKS_LIKE_MAIL.search(text) else "nada")
    national = digits.lstrip("0")
    if len(national) > NATIONAL_DIGITS:
        national = national.removeprefix(str(CHILE_CODE)).lstrip("0")
    if len(national) != NATIONAL_DIGITS:
        return Unreadable("corto" if len(national) < NATIONAL_DIGITS else "largo", len(national))
    try:
        number = phonenumbers.parse(f"+{CHILE_CODE}{national}")
    except NumberParseException:
        return Unreadable("no_existe")
    return _phone(number) if phonenumbers.is_valid_number(number) else Unreadable("no_existe")


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
