"""Decomposes text into base letters and separate accents (NFKD), at a bounded cost.

One character can decompose into many: «ﷺ» into eighteen, «㎯» into six. A message full of such characters would block
the process for all other users.
"""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 4096  # more than a channel lets a citizen write
PART = 512


def decomposed(text: str) -> str:
    """Returns the NFKD form of ``text``, truncated to twice the text's length, which Spanish never exceeds."""
    most = 2 * len(text)
    form = ""
    for start in range(0, len(text), PART):
        form += unicodedata.normalize("NFKD", text[start : start + PART])
        if len(form) >= most:
            break
    return form[:most]
