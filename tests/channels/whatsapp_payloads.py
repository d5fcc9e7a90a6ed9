"""Loads recorded requests of Twilio."""

from __future__ import annotations

import json
from pathlib import Path

PAYLOADS = Path(__file__).parent / "payloads" / "whatsapp"


def payload(name: str) -> dict[str, str]:
    fields: dict[str, str] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return fields
