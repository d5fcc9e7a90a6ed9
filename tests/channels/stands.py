"""Finds the stands of all channels except the web's, by the channel's name: ``<name>_stand`` in <name>_stand.py."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.channels.behaviours import STANDS, MakeStand

FOLDER = Path(__file__).parent


def _of(channel: str) -> MakeStand:
    module = import_module(f"tests.channels.{channel}_stand")
    made: MakeStand = getattr(module, f"{channel}_stand")
    return made


OTHERS = {one.stem.removesuffix("_stand") for one in FOLDER.glob("*_stand.py")} - {"web"}
EVERY = STANDS | {channel: _of(channel) for channel in sorted(OTHERS)}
