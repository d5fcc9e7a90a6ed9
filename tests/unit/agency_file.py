"""Writes the demo's agency.yml with changes."""

from __future__ import annotations

from pathlib import Path

import yaml

SHIPPED = Path(__file__).parents[2] / "agency.yml"


def changed(tmp_path: Path, **changes: object) -> Path:
    raw = yaml.safe_load(SHIPPED.read_text(encoding="utf-8")) | changes
    path = tmp_path / "agency.yml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return path
