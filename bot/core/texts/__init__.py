"""Reads the Spanish texts for staff, editors and operators, one YAML file per area: ``say("cli.listo", url=...)``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def area(name: str) -> dict[str, Any]:
    """Returns all texts of one area, as nested dictionaries. Raises FileNotFoundError for an unknown area."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def read_all() -> None:
    """Reads every area now, so that a long-lived process does not depend on the files while it runs."""
    for path in FOLDER.glob("*.yml"):
        area(path.stem)


def say(key: str, **values: object) -> str:
    """Returns the text at ``area.path.inside`` with its ``{names}`` filled in. Raises KeyError for an unknown key."""
    name, *path = key.split(".")
    found: Any = area(name)
    for part in path:
        found = found[part]
    return str(found).format(**values) if values else str(found)
