"""Reads the Spanish texts that people see, one YAML file per area: ``say("cli.listo", url=...)``."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.yaml import read_yaml_file

FOLDER = Path(__file__).parent
# The texts of a channel are in its folder; their area has the channel's name.
CHANNELS = FOLDER.parents[1] / "channels"


@cache
def area(name: str) -> dict[str, Any]:
    """Returns all texts of one area, as nested dictionaries. Raises FileNotFoundError if no area has this name."""
    ours = FOLDER / f"{name}.yml"
    path = ours if ours.exists() else CHANNELS / name / "texts.yml"
    loaded: dict[str, Any] = read_yaml_file(path)
    return loaded


def areas() -> list[str]:
    """Returns the names of all areas: first the areas in this folder, then the channels' areas."""
    ours = sorted(path.stem for path in FOLDER.glob("*.yml"))
    return [*ours, *sorted(path.parent.name for path in CHANNELS.glob("*/texts.yml"))]


def read_all() -> None:
    """Reads and caches every area, so that a long-lived process does not depend on the files later."""
    for name in areas():
        area(name)


def say(key: str, **values: object) -> str:
    """Returns the text with the dotted ``key`` (area first), with ``values`` in its placeholders.

    Raises FileNotFoundError if there is no such area, KeyError if there is no such text or a value is missing.
    """
    name, *path = key.split(".")
    found: Any = area(name)
    for part in path:
        found = found[part]
    return str(found).format(**values) if values else str(found)


def date_in_words(day: date) -> str:
    """Returns a date as Spanish text, such as ``1 de noviembre de 2026``."""
    return say("tramites.fecha", dia=day.day, mes=say(f"desk.horario.meses.{day.month}"), agno=day.year)
