"""Describes each token of a text to the sequence model: its letters, what is known of it, and the tokens around it.

A feature is a text such as ``w=soto`` or ``k-1=Xxgo``; the model has a weight for each that it saw in training.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.text.masking.found import without_accents
from bot.text.masking.learned.runs import heads, runs
from bot.text.masking.learned.tokens import Token
from bot.text.masking.learned.word_classes import figures, knowledge, lists_of

MOSTLY_CAPITALS, HARDLY_CAPITALS = 0.6, 0.005  # shares of capitals, beyond which a capital says nothing
MOST_DIGITS = 5
AROUND = 4  # number of tokens beyond the two neighbours whose order does not count
BEGINNING, END, DATUM_MARK, LINE_MARK, FIGURE, UNPRINTABLE = "^", "$", "DATUM", "LINE", "FIGURE", "?"
SENTENCE_ENDS = frozenset((BEGINNING, ".", "!", "?", "¿", "¡", ":", LINE_MARK))
_PAD = 2


class _Row:
    """The tokens of a text as columns, each with padding on both sides: words, shapes, kinds, lists."""

    def __init__(self, text: str, tokens: Sequence[Token], hidden: Collection[int]) -> None:
        case = _case(text)
        pad, end = [BEGINNING] * _PAD, [END] * _PAD
        seen = [_described(one, case, hide=place in hidden) for place, one in enumerate(tokens)]
        self.words = [*pad, *(word for word, _, _ in seen), *end]
        self.shapes = [*pad, *(shape for _, shape, _ in seen), *end]
        self.kinds = [*pad, *(kind for _, _, kind in seen), *end]
        self.lists = [lists_of().get(word, ()) for word in self.words]
        _mark_figures(self.words, self.kinds)
        self.runs = runs(self.words, self.shapes, self.kinds)
        self.heads = heads(self.words)
        self.style = case or ("q" if _begins_quietly(text) else "S")


def features(text: str, tokens: Sequence[Token], hidden: Collection[int] = ()) -> list[list[str]]:
    """Returns the features of each token of ``text``.

    ``hidden`` are the indexes of tokens that count as unknown words, as new names in training do.
    """
    row = _Row(text, tokens, hidden)
    found, clause = [], _PAD
    for at in range(_PAD, len(tokens) + _PAD):
        if row.words[at - 1] in {",", ".", ";", ":", LINE_MARK}:
            clause = at
        found.append([*_own(row, at), *_neighbours(row, at), *_around(row, at, clause), *_of_run(row, at)])
    return found


def _own(row: _Row, at: int) -> list[str]:
    word, kind = row.words[at], row.kinds[at]
    own = ["w=" + word, "k=" + kind, "s=" + row.shapes[at]]
    if word.isalpha() and not word.isupper():
        own += ["p3=" + word[:3], "e3=" + word[-3:], "e4=" + word[-4:]]
    return own + ["c=" + one for one in row.lists[at]]


def _neighbours(row: _Row, at: int) -> list[str]:
    words, kinds, lists = row.words, row.kinds, row.lists
    w2, w1, after1, after2 = words[at - 2], words[at - 1], words[at + 1], words[at + 2]
    k1, kind, next1 = kinds[at - 1], kinds[at], kinds[at + 1]
    found = ["w-2=" + w2, "w-1=" + w1, "w+1=" + after1, "w+2=" + after2]
    found += ["k-2=" + kinds[at - 2], "k-1=" + k1, "k+1=" + next1, "k+2=" + kinds[at + 2]]
    found += [f"w-1k={w1}|{kind}", f"w-2-1={w2}|{w1}", f"w-1+1={w1}|{after1}", f"w-2k={w2}|{kind}"]
    found += [f"kk={k1}|{kind}", f"k+={kind}|{next1}", f"wk+={after1}|{kind}", f"k++={next1}|{kinds[at + 2]}"]
    found += ["c-2=" + one for one in lists[at - 2]] + ["c-1=" + one for one in lists[at - 1]]
    return found + ["c+1=" + one for one in lists[at + 1]] + ["c+2=" + one for one in lists[at + 2]]


def _around(row: _Row, at: int, clause: int) -> list[str]:
    """Returns the words beyond the neighbours, and the first words of the clause, which begins at ``clause``."""
    left = row.words[max(_PAD, at - _PAD - AROUND) : max(_PAD, at - _PAD)]
    right = row.words[at + _PAD + 1 : at + _PAD + 1 + AROUND]
    found = ["l=" + one for one in left if one.isalnum()] + ["r=" + one for one in right if one.isalnum()]
    first = row.words[clause]
    return [*found, "q=" + first, f"q2={first}|{row.words[clause + 1]}"]


def _of_run(row: _Row, at: int) -> list[str]:
    """Returns what stands before and after the run of capitals that the token is in, and how the run begins."""
    words, shapes, lists, kind = row.words, row.shapes, row.lists, row.kinds[at]
    first, last = row.runs[at]
    before, after = row.heads[first], last + 1
    said, then = words[before], words[after]
    starts = words[first - 1] in SENTENCE_ENDS
    found = [f"h={said}", f"hk={said}|{kind}", f"h2={shapes[before - 1]}|{said}", f"f={words[first]}"]
    found += [f"t={then}", f"t2={then}|{shapes[min(after + 1, len(shapes) - 1)]}"]
    found += [f"hl={one}" for one in lists[before]] + [f"fl={one}" for one in lists[first]]
    return [*found, f"y={row.style}|{kind}", f"b={starts}|{at == first}|{kind}"]


def _begins_quietly(text: str) -> bool:
    """Returns whether the first letter of a text is a small one, so that its capitals are meant."""
    return next(filter(str.isalpha, text), "A").islower()


def _case(text: str) -> str:
    """Returns "U" for a text in capitals, "l" for one in small letters, else ""."""
    letters = sum(map(str.isalpha, text)) or 1
    capitals = sum(map(str.isupper, text)) / letters
    return "U" if capitals > MOSTLY_CAPITALS else "l" if capitals < HARDLY_CAPITALS else ""


def _described(token: Token, case: str, *, hide: bool) -> tuple[str, str, str]:
    """Returns the word without accents in lower case, its shape, and its kind (its shape and what is known of it)."""
    written = token.written
    if written.isalpha():
        plain, shape = without_accents(written.lower()), case or _shape(written)
        return plain, shape, shape + ("" if hide else knowledge(plain))
    if written.isdecimal():
        shape = f"d{min(len(written), MOST_DIGITS)}"
        return written if len(written) <= _PAD else shape, shape, shape
    mark = DATUM_MARK if token.is_datum else LINE_MARK if written[0] == "\n" else written[0]
    mark = mark if mark.isprintable() else UNPRINTABLE  # such as half of a pair, which has no UTF-8
    return mark, mark, mark


def _shape(word: str) -> str:
    if len(word) == 1:
        return "X1" if word.isupper() else "x1"
    if word.isupper():
        return "XX"
    if word.islower():
        return "x"
    return "Xx" if word[0].isupper() and word[1:].islower() else "xX"


def _mark_figures(words: Sequence[str], kinds: list[str]) -> None:
    """Gives the words of a well-known person's name a kind of their own."""
    for at, word in enumerate(words):
        for name in figures().get(word, ()):
            if tuple(words[at : at + len(name)]) == name:
                kinds[at : at + len(name)] = [FIGURE] * len(name)
