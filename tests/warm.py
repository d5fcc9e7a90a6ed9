"""Loads the data that each process of the bot loads once: all texts, and the emergency phrases (0.3 s)."""

from __future__ import annotations

from bot.core.texts import read_all
from bot.crisis.emergency import load_net

load_net()
read_all()
