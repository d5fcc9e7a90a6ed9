"""Reads the table of roles, roles.yml, which settings, agency.yml, accounts, pages and commands follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FILE = Path(__file__).with_suffix(".yml")
AGENT, ADMIN = "agent", "admin"
"""The roles that the program itself gives and protects."""


class Role(BaseModel):
    """What an account may be; one account may have several. ``may`` names permissions."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    about: str = Field(min_length=1)
    may: tuple[str, ...] | Literal["all"]


_TABLE = TypeAdapter(dict[str, Role])


def role_table() -> Mapping[str, Role]:
    """Returns the roles by key, in the table's order. Raises ValidationError."""
    return _read(FILE)


@cache
def _read(file: Path) -> Mapping[str, Role]:
    return _TABLE.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))


def role_words(key: str) -> str:
    """Says the role as people read it; a key that is no role of ours stays as it is."""
    role = role_table().get(key)
    return role.name if role else key


def listed_roles() -> str:
    """Lists the keys for a sentence: ``agent, supervisor o admin``."""
    *most, last = role_table()
    return f"{', '.join(most)} o {last}"


def unknown_roles(keys: Iterable[str]) -> list[str]:
    """Lists which of the keys are no roles of ours, each once."""
    return sorted(set(keys) - role_table().keys())


def known_role(key: str) -> str:
    """Passes the key of a role on, as a validator does. Raises ValueError."""
    if key not in role_table():
        raise ValueError(f"{key!r} is none of the roles {', '.join(role_table())}")
    return key
