"""Reads YAML with libyaml, ten times as fast as the parser in Python, whose errors are clearer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a build without libyaml has none


def read_yaml(text: str) -> Any:
    """Parses YAML into dictionaries, lists and plain values.

    Raises what ``yaml.safe_load`` raises: YAMLError with the place, ValueError for a date that does not exist,
    RecursionError for lists nested too deeply.
    """
    try:
        return yaml.load(text, FAST)  # noqa: S506  (a safe loader)
    except yaml.YAMLError:
        return yaml.safe_load(text)  # libyaml's errors lack the line itself


def read_yaml_file(path: Path) -> Any:
    """Parses a YAML file in UTF-8; raises what ``read_yaml`` raises, OSError, and UnicodeDecodeError."""
    return read_yaml(path.read_text(encoding="utf-8"))
