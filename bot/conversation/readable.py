"""Removes from texts of people the characters that cannot be displayed or stored."""

from __future__ import annotations

import unicodedata
from typing import Any


def readable(text: str) -> str:
    """Removes lone surrogates and control characters, except line breaks and tabs."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})


def readable_in(value: Any) -> Any:
    """Returns ``value`` with ``readable`` applied to all strings in it, even nested ones, but not to dictionary keys.

    A message that cannot be stored would be redelivered for ever.
    """
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {name: readable_in(one) for name, one in value.items()}
    return [readable_in(one) for one in value] if isinstance(value, list | tuple) else value
