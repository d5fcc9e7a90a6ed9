"""Builds the index of an agency's entries."""

from __future__ import annotations

from collections.abc import Sequence

from bot.faq.entries.entry import Entry
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer


def index_of(entries: Sequence[Entry], vectorizer: Vectorizer) -> Index:
    """Builds the index without the out-of-scope topics that an entry also covers."""
    index = Index(entries, vectorizer)
    silenced = index.overlapping()
    return Index(entries, vectorizer, silenced) if silenced else index
