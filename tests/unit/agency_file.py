"""Writes a changed copy of the demo's agency.yml."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.core.yaml import read_yaml_file

SHIPPED = Path(__file__).parents[2] / "agency.yml"


def changed(tmp_path: Path, **changes: object) -> Path:
    raw = read_yaml_file(SHIPPED) | changes
    path = tmp_path / "agency.yml"
    path.write_text(yaml.dump(raw, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
    return path
