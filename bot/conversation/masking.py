"""Masks phone numbers and e-mail addresses in a citizen's text.

While a citizen is asked for a contact, messages are masked before they reach the event log and the record.
"""

from __future__ import annotations

import re

MASK = "•"
DOTS = MASK * 4
MIN_DIGITS = 6
VISIBLE_DIGITS = 4
NATIONAL_DIGITS = 9
COUNTRY_CODE = "56"
ONE_DIGIT_AREAS = "29"  # area codes of Santiago and of mobiles; all others in Chile have two digits
_PHONE = re.compile(r"\+?\d[\d\s().\-]{4,}\d")
_EMAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")


def masked(text: str) -> str:
    """Masks a text: ``mi fono es 9 8765 4321`` -> ``mi fono es +56 9 •••• 4321``, ``ana@correo.cl`` -> ``a•••@...``."""
    hidden = _EMAIL.sub(_hide_email, text) if "@" in text else text
    return _PHONE.sub(_hide_phone, hidden)


def _hide_email(found: re.Match[str]) -> str:
    name, _, domain = found[0].partition("@")
    return f"{name[:1]}{MASK * 3}@{domain}"


def _hide_phone(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if len(digits) < MIN_DIGITS:
        return found[0]
    last = digits[-VISIBLE_DIGITS:]
    national = digits.removeprefix(COUNTRY_CODE)
    if len(national) != NATIONAL_DIGITS:
        return f"{DOTS} {last}"
    area = national[:1] if national[0] in ONE_DIGIT_AREAS else national[:2]
    return f"+{COUNTRY_CODE} {area} {DOTS} {last}"
