"""Defines strategies of hypothesis: short texts, and any JSON value."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

WORDS = st.text(max_size=20)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda one: st.lists(one, max_size=4) | st.dictionaries(WORDS, one, max_size=4), max_leaves=12
)
