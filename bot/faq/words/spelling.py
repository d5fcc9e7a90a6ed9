"""Corrects chat spelling (*kiero* for quiero) before a text is embedded, since the encoder expects standard spelling.

A word is replaced with the most frequent word of the background that has the same sound, if the word itself is absent
from the background or much rarer in it. A word whose sound is not in the background is not changed. Chat abbreviations
are always spelled out.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.text.normalize import SHORT_FORMS, phonetic

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3
CAREFUL_WEIGHT = 5  # weight of a text that begins with a capital, ¿ or ¡, since its spelling is probably right
RARER = 2  # a known spelling is replaced only if the usual one is this many times as frequent


class Speller:
    """A speller that replaces unusual spellings with the most frequent spelling of the same sound in ``texts``."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        for text in texts:
            weight = CAREFUL_WEIGHT if text[:1].isupper() or text[:1] in "¿¡" else 1
            for word in WORD.findall(text.lower()):
                self._seen[word] += weight
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for word in self._seen:
            alike[phonetic(word)].append(word)
        self._usual = {sound: max(words, key=lambda word: (self._seen[word], word)) for sound, words in alike.items()}

    def restored(self, text: str) -> str:
        """Returns ``text`` in lower case, with unusual spellings corrected and chat abbreviations spelled out."""
        return WORD.sub(lambda found: self._restored(found[0]), text.lower())

    def _restored(self, word: str) -> str:
        if word in SHORT_FORMS:
            return SHORT_FORMS[word]
        usual = self._usual.get(phonetic(word))
        if usual is None or len(word) < SHORTEST or self._seen[word] * RARER > self._seen[usual]:
            return word
        return usual
