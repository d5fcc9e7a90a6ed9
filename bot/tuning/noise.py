"""Adds the mistakes of hurried writing to texts: missing accents, chat abbreviations, misspellings and typing errors.

About half of the texts of each batch get such noise, so that the encoder learns to ignore spelling.
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

CHAT = (
    ("por favor", "xfa"),
    ("porque", "xq"),
    ("por que", "xq"),
    ("también", "tb"),
    ("para", "pa"),
    ("que", "q"),
    ("por", "x"),
    ("qué", "k"),
    ("de", "d"),
    ("donde", "dnd"),
    ("dónde", "dnd"),
    ("y", "i"),
    ("municipalidad", "muni"),
    ("hola", "ola"),
    ("está", "ta"),
    ("estoy", "toy"),
    ("cuando", "cdo"),
    ("información", "info"),
)
SOUNDS = (
    (r"qu(?=[eiéí])", "k"),
    (r"c(?=[aouáóú])", "k"),
    (r"v", "b"),
    (r"b", "v"),
    (r"z", "s"),
    (r"c(?=[eiéí])", "s"),
    (r"s(?=[eiéí])", "c"),
    (r"\bh", ""),
    (r"ll", "y"),
    (r"g(?=[eiéí])", "j"),
    (r"\bhue", "gue"),
    (r"x", "cs"),
    (r"d\b", ""),
    (r"ado\b", "ao"),
)
NEIGHBOURS = {
    "a": "s",
    "e": "r",
    "i": "o",
    "o": "p",
    "u": "i",
    "s": "a",
    "n": "m",
    "r": "t",
    "t": "y",
    "l": "k",
    "c": "v",
    "d": "f",
    "m": "n",
}
MIN_LETTERS = 4
CHAT_SHARE, SOUND_SHARE, SLIP_SHARE = 0.5, 0.35, 0.06
UNMARKED_SHARE, LOWER_SHARE, BARE_SHARE = 0.7, 0.8, 0.6


def noisy(text: str, random: Random) -> str:
    """Returns ``text`` with random mistakes; the result is empty only if ``text`` is."""
    whole = text
    if random.random() < LOWER_SHARE:
        text = text.lower()
    for usual, short in CHAT:
        if random.random() < CHAT_SHARE:
            text = re.sub(rf"\b{usual}\b", short, text)
    for pattern, written in SOUNDS:
        if random.random() < SOUND_SHARE:
            text = re.sub(pattern, written, text)
    if random.random() < UNMARKED_SHARE:
        text = without_marks(text)
    if random.random() < BARE_SHARE:
        text = re.sub(r"[¿¡,.;:!?]", "", text)
    words = [_slipped(word, random) for word in text.split()]
    return " ".join(words) or whole


def without_marks(text: str) -> str:
    """Returns ``text`` without accents; ñ becomes n."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _slipped(word: str, random: Random) -> str:
    """Returns ``word``, in rare cases with one letter dropped, doubled, swapped or mistyped."""
    if len(word) < MIN_LETTERS or random.random() > SLIP_SHARE:
        return word
    index = random.randrange(len(word) - 1)
    before, letter, after = word[:index], word[index], word[index + 1 :]
    slips = (before + after, before + letter * 2 + after, before + after[:1] + letter + after[1:])
    return random.choice((*slips, before + NEIGHBOURS.get(letter, letter) + after))
