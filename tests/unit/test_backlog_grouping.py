"""Tests how texts are grouped by meaning."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from bot.learning.backlog.embedding import DIGITS
from bot.learning.backlog.grouping import ROWS_A_BLOCK, groups_of, near_any
from bot.learning.backlog.groups import Item, waiting_in
from tests.backlog import embedded

TEXTS = [
    "donde arriendo traje de huaso",
    "arriendo traje de huaso",
    "donde arriendo un traje de huaso",
    "piden vacuna para viajar",
    "horario piscina",
]


def vectors(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([embedded(text) for text in texts])


def test_similar_texts_are_a_group_that_begins_with_its_medoid() -> None:
    (group,) = groups_of(vectors(TEXTS), "abcde", least=3)
    assert group.members[0] == 0
    assert set(group.members) == {0, 1, 2}


def test_one_citizen_who_asks_often_is_no_group() -> None:
    assert groups_of(vectors(TEXTS), "aabcd", least=3) == []
    assert len(groups_of(vectors(TEXTS), "aabcd", least=2)) == 1


def test_chain_of_similar_texts_is_not_one_group() -> None:
    chain = vectors(["a b c d", "c d e f", "e f g h", "g h i j"])
    (group,) = groups_of(chain, "wxyz", least=2, similar=0.5)[:1]
    assert len(group.members) == 3  # a centre and what is similar to it, not the whole chain


def test_groups_do_not_depend_on_blocks() -> None:
    random = np.random.default_rng(7)
    centres = random.normal(size=(40, 32))
    rows = np.repeat(centres, 60, axis=0) + random.normal(scale=0.05, size=(2400, 32))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    order = random.permutation(len(rows))
    assert len(rows) > 2 * ROWS_A_BLOCK
    found = groups_of(rows[order], range(len(rows)), least=3, similar=0.8)
    assert sorted(sorted(order[list(one.members)].tolist()) for one in found) == [
        list(range(start, start + 60)) for start in range(0, 2400, 60)
    ]


def test_texts_near_a_decided_text_are_found() -> None:
    decided = vectors(["arriendo de traje de huaso"])
    assert near_any(vectors(TEXTS), decided).tolist() == [True, True, True, False, False]
    assert near_any(vectors(TEXTS), decided[:0]).tolist() == [False] * 5


def test_labelled_group_denies_no_entry() -> None:
    now, text = datetime(2026, 11, 27, 12, tzinfo=UTC), "donde arriendo traje de huaso"
    vector = embedded(text).astype(DIGITS).tobytes()
    items = [
        Item(n, f"c{n}", source, now, text, entries, ["bache"], "", "", "", "", vector, None)
        for n, (source, entries) in enumerate([("staff", ["poda"]), *[("rated", [])] * 3])
    ]
    groups = waiting_in(items, {"bache": frozenset(), "poda": frozenset()}, now)
    assert {one.labelled: one.denied for one in groups} == {True: (), False: ("bache",)}


def test_no_text_makes_no_group() -> None:
    assert groups_of(np.zeros((0, 8), np.float32), [], least=3) == []
