"""Parses fields that the forms of several pages have."""

from __future__ import annotations

from starlette.datastructures import FormData

MAX_DIGITS = 15


def number(form: FormData, name: str) -> int:
    """Returns a field as a number; 0 if it is not a number or has more than MAX_DIGITS digits."""
    written = str(form.get(name, ""))
    return int(written) if written.isdecimal() and len(written) <= MAX_DIGITS else 0
