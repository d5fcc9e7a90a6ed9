"""Generates complaint numbers, such as ``179-610``, and finds them in messages.

The last digit is a check digit (Verhoeff), which detects every wrong digit and every swap of adjacent digits.
"""

from __future__ import annotations

import re
import secrets

from stdnum import verhoeff

_WRITTEN = re.compile(r"(?<![\d-])(\d{3})\s?[-–. ]?\s?(\d{3})(?![\d-])")


def new_number() -> str:
    """Returns a random number, which may already be in use."""
    digits = str(secrets.randbelow(90_000) + 10_000)
    return _formatted(digits + verhoeff.calc_check_digit(digits))


def number_in(text: str) -> str:
    """Returns the first number in the text whose check digit is right; '' if there is none."""
    return next((_formatted(one) for one in _all(text) if verhoeff.is_valid(one)), "")


def has_number(text: str) -> bool:
    """Returns whether the text contains a number in this format, whether or not its check digit is right."""
    return bool(_all(text))


def _all(text: str) -> list[str]:
    return ["".join(found.groups()) for found in _WRITTEN.finditer(text)]


def _formatted(digits: str) -> str:
    return f"{digits[:3]}-{digits[3:]}"
