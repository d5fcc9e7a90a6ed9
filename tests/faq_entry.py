"""Builds an entry for tests that change one of its fields."""

from __future__ import annotations

from datetime import date

from bot.core.messages import Source
from bot.faq.entries.entry import Entry

BASE = Entry(
    id="bache",
    question="¿Cómo aviso de un hoyo?",
    variants=(),
    topic="calle",
    team="obras",
    source=Source("x", "https://x.cl"),
    responsible="OIRS",
    reviewed=date(2026, 11, 1),
    expires=None,
    audience={},
    body="Así.",
    version="0" * 12,
    path="calle/bache.md",
    lines={"id": 2, "pregunta": 3},
)
