"""Tests that each phrase of patterns.yml can match: every alternative, with and without its optional words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from bot.crisis.emergency import ABROAD, LISTS, PATTERNS, find
from bot.crisis.phrases import compile_phrases
from bot.text.emergency_fold import fold

ANY_WORD = "z"


def test_every_phrase_matches_the_sentences_built_from_it() -> None:
    raw = yaml.safe_load(PATTERNS.read_text(encoding="utf-8"))
    abroad, lists = raw.pop(ABROAD), raw.pop(LISTS)
    found = [*_unmatched(raw, lists)]
    for groups in abroad.values():
        found += _unmatched(groups, {name: str(words) for name, words in groups.pop(LISTS, {}).items()})
    assert found == []


def test_repaired_phrases_match() -> None:
    """These never matched: a letter that folding removes, and brackets inside a list of alternatives."""
    assert find("se tomó un puñado de pastillas") == "suicidio"
    assert find("se me rompió la fuente") == find("a mi hermana se le rompió la fuente") == "medica"
    assert find("secuestraron a un señor") == "delito"
    assert find("se rompió la fuente de la plaza") is None


def _unmatched(group: object, lists: Mapping[str, str]) -> Iterator[str]:
    """Yields the phrases of a group or list that do not match one of their own sentences, with that sentence."""
    if isinstance(group, Mapping):
        for some in group.values():
            yield from _unmatched(some, lists)
    elif isinstance(group, list):
        for phrase in group:
            matches = compile_phrases([phrase], lists).search
            yield from (f"{phrase}: {one}" for one in _sentences(phrase.format_map(lists)) if not matches(fold(one)))


def _sentences(phrase: str) -> Iterator[str]:
    """Yields sentences in which each alternative of each word occurs, with and without the words that may be absent."""
    words = phrase.removesuffix("$").replace(" + ", " ").split()
    alternatives = [_alternatives(word) for word in words]
    for number in range(max(map(len, alternatives))):
        chosen = [some[min(number, len(some) - 1)] for some in alternatives]
        yield " ".join(chosen)
        yield " ".join(one for one, word in zip(chosen, words, strict=True) if not _may_be_absent(word))


def _alternatives(word: str) -> list[str]:
    if word == "...":
        return [ANY_WORD]
    bare = word[1:-1] if _may_be_absent(word) else word
    return [one.replace("_", " ").strip("*") or ANY_WORD for one in bare.split("|")]


def _may_be_absent(word: str) -> bool:
    return word == "..." or (word.startswith("(") and word.endswith(")"))
