"""Spanish wordings that staff, editors and operators read, one YAML file an area. ``say("cli.listo", url=...)``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


@cache
def area(name: str) -> dict[str, Any]:
    """All wordings of one area, as nested dictionaries. Raises FileNotFoundError for an unknown area."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def read_all() -> None:
    """Reads every area now. A process that lives long does so when it starts, so that it finds its words whatever
    becomes of the files while it runs.
    """
    for path in FOLDER.glob("*.yml"):
        area(path.stem)


def say(key: str, **values: object) -> str:
    """The wording at ``area.path.inside`` with its ``{names}`` filled in. Raises KeyError for an unknown key."""
    name, *path = key.split(".")
    found: Any = area(name)
    for part in path:
        found = found[part]
    return str(found).format(**values) if values else str(found)
