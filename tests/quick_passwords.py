"""Hashes the passwords of tests at little cost; the product's parameters take 0.1 s and 64 MiB per password."""

from __future__ import annotations

from functools import partial

import argon2
import pytest

from bot.desk.auth import passwords, second_factor

PARAMETERS = {"time_cost": 1, "memory_cost": 64, "parallelism": 1}
FULL_CODES = second_factor.CODE_PASSES, second_factor.CODE_MEMORY_KIB
QUICK = argon2.PasswordHasher(**PARAMETERS)


def use_quick_hashes(patch: pytest.MonkeyPatch) -> None:
    """Makes the desk's sign-in hash as QUICK does; otherwise it would hash tests' passwords again at full cost."""
    patch.setattr(passwords, "PasswordHasher", partial(argon2.PasswordHasher, **PARAMETERS))
    _cost_of_codes(patch, PARAMETERS["time_cost"], PARAMETERS["memory_cost"])


def use_full_cost(patch: pytest.MonkeyPatch) -> None:
    """Makes the desk's sign-in hash as in production."""
    patch.setattr(passwords, "PasswordHasher", argon2.PasswordHasher)
    _cost_of_codes(patch, *FULL_CODES)


def _cost_of_codes(patch: pytest.MonkeyPatch, passes: int, memory_kib: int) -> None:
    patch.setattr(second_factor, "CODE_PASSES", passes)
    patch.setattr(second_factor, "CODE_MEMORY_KIB", memory_kib)
