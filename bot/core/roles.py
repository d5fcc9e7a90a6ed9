"""Reads roles.yml, which defines the roles of staff accounts and their permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.core.errors.contents import InvalidRoles
from bot.core.yaml import read_yaml_file

FILE = Path(__file__).with_suffix(".yml")
AGENT = "agent"  # the default role of an account
ADMIN = "admin"  # the last active account with this role cannot lose it


class Role(BaseModel):
    """A role of staff accounts: its Spanish ``name`` and description; ``may`` lists its permissions, or is "all".

    An account may have several roles. With ``second_factor``, the account needs two-factor sign-in unless agency.yml
    says otherwise.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(min_length=1)
    about: str = Field(min_length=1)
    may: tuple[str, ...] | Literal["all"]
    second_factor: bool = False


_TABLE: TypeAdapter[dict[str, Role]] = TypeAdapter(Annotated[dict[str, Role], Field(min_length=1)])


def role_table() -> Mapping[str, Role]:
    """Returns the roles by their keys, such as ``agent``, in the order of roles.yml.

    Raises InvalidRoles with the invalid line or field.
    """
    return _read(FILE)


@cache
def _read(file: Path) -> Mapping[str, Role]:
    try:
        return _TABLE.validate_python(read_yaml_file(file))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "(raíz)"
        raise InvalidRoles(file=file.name, field=field, problem=first["msg"]) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidRoles(file=file.name, problem=" ".join(str(error).split())) from error


def role_words(key: str) -> str:
    """Returns the Spanish name of a role; for an unknown role, the key itself."""
    role = role_table().get(key)
    return role.name if role else key


def listed_roles() -> str:
    """Returns the keys of all roles as a Spanish enumeration, such as ``agent, supervisor o admin``."""
    *most, last = role_table()
    return f"{', '.join(most)} o {last}" if most else last


def roles_with_second_factor() -> list[str]:
    """Returns the keys of the roles that need two-factor sign-in unless agency.yml says otherwise."""
    return [key for key, role in role_table().items() if role.second_factor]


def unknown_roles(keys: Iterable[str]) -> list[str]:
    """Returns the keys that are not keys of a role, sorted and without duplicates."""
    return sorted(set(keys) - role_table().keys())


def known_role(key: str) -> str:
    """Returns ``key`` unchanged if it is the key of a role; else raises ValueError."""
    if key not in role_table():
        raise ValueError(f"{key!r} is none of the roles {', '.join(role_table())}")
    return key
