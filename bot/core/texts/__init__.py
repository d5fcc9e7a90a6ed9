"""Spanish wordings that staff, editors and operators read, one YAML file an area. ``say("cli.listo", url=...)``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
CHANNELS = FOLDER.parents[1] / "channels"
"""A channel's own wordings are in its folder, and the area has its name."""


@cache
def area(name: str) -> dict[str, Any]:
    """All wordings of one area, as nested dictionaries. Raises FileNotFoundError for an unknown area."""
    ours = FOLDER / f"{name}.yml"
    path = ours if ours.exists() else CHANNELS / name / "texts.yml"
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def areas() -> list[str]:
    """The names of all areas: ours, then the channels'."""
    ours = sorted(path.stem for path in FOLDER.glob("*.yml"))
    return [*ours, *sorted(path.parent.name for path in CHANNELS.glob("*/texts.yml"))]


def read_all() -> None:
    """Reads every area now. A process that lives long does so when it starts, so that it finds its words whatever
    becomes of the files while it runs.
    """
    for name in areas():
        area(name)


def say(key: str, **values: object) -> str:
    """The wording at ``area.path.inside`` with its ``{names}`` filled in. Raises KeyError for an unknown key."""
    name, *path = key.split(".")
    found: Any = area(name)
    for part in path:
        found = found[part]
    return str(found).format(**values) if values else str(found)
