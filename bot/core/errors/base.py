"""Defines the error that all others inherit from, and whether to try again.

The first line of a class's docstring is its message, to which its ``facts`` are added.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class VentanillaError(Exception):
    """Something went wrong.

    The base class. ``facts`` are the keyword arguments, ``text_key`` the key of the Spanish text that people see.
    """

    text_key: str = "cli.errores.general"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        message = (type(self).__doc__ or "").strip().splitlines()[0]
        listed = ", ".join(f"{name}={value}" for name, value in facts.items())
        super().__init__(f"{message} ({listed})" if listed else message)

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        """Makes the error picklable, to be sent to another process: unpickling calls the class again with ``facts``."""
        return partial(type(self), **self.facts), ()


class RetryableError(VentanillaError):
    """A service did not answer; the same request may work later."""


class PermanentError(VentanillaError):
    """A service refused the request; repeating it cannot work."""
