"""Groups texts by meaning: a graph connects similar texts, and each group is a text with its neighbors.

The text with the most neighbors forms the first group, then the text with the most remaining neighbors, and so on. All
texts of a group are thus similar to its center. Connected components lack this property: they would join *patente del
auto* to *patente comercial* through a third text. Does no I/O; NumPy multiplies the blocks without holding the GIL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Numbers = NDArray[np.intp]
ROWS_A_BLOCK = 1024
# Minimum cosine similarity of a text to the centre of its group. Chosen by benchmarks/backlog.py on messages whose
# entries are known.
SIMILAR = 0.5


@dataclass(frozen=True)
class Group:
    """The indices of a group's texts: the medoid, then the others in descending order of similarity to it."""

    members: tuple[int, ...]


def groups_of(vectors: Vectors, citizens: Sequence[object], *, least: int, similar: float = SIMILAR) -> list[Group]:
    """Returns the groups with at least ``least`` different citizens, the largest groups first.

    ``vectors`` is a matrix with the unit vector of each text as a row; ``citizens`` contains the citizen who wrote each
    text. A text is in at most one group. Needs n * n / 8 bytes for n texts.
    """
    if not len(vectors):
        return []
    near = _neighbours(vectors, similar)
    counts = np.bitwise_count(near).sum(axis=1)
    free = np.ones(len(vectors), dtype=bool)
    found: list[Group] = []
    for centre in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts >= least)]:
        if not free[centre]:
            continue
        members = np.flatnonzero(np.unpackbits(near[centre], count=len(vectors)).view(bool) & free)
        if len({citizens[member] for member in members.tolist()}) >= least:
            free[members] = False
            found.append(Group(_ordered(vectors, members)))
    return sorted(found, key=lambda one: -len(one.members))


def near_any(vectors: Vectors, others: Vectors, similar: float = SIMILAR) -> NDArray[np.bool_]:
    """Returns, for each row of ``vectors``, whether it is similar to some row of ``others``."""
    found = np.zeros(len(vectors), dtype=bool)
    for start in range(0, len(others), ROWS_A_BLOCK):
        found |= (vectors @ others[start : start + ROWS_A_BLOCK].T >= similar).any(axis=1)
    return found


def _neighbours(vectors: Vectors, similar: float) -> NDArray[np.uint8]:
    """Returns a bit matrix of similar texts, packed along its rows; each text is similar to itself.

    Similarity is symmetric, so only half of the blocks are computed. A block begins at a whole byte.
    """
    count = len(vectors)
    near = np.zeros((count, -(-count // 8)), dtype=np.uint8)
    blocks = [slice(start, min(start + ROWS_A_BLOCK, count)) for start in range(0, count, ROWS_A_BLOCK)]
    for number, rows in enumerate(blocks):
        for columns in blocks[number:]:
            alike = vectors[rows] @ vectors[columns].T >= similar
            near[rows, _bytes_of(columns)] = np.packbits(alike, axis=1)
            near[columns, _bytes_of(rows)] = np.packbits(alike.T, axis=1)
    return near


def _bytes_of(texts: slice) -> slice:
    return slice(texts.start // 8, -(-texts.stop // 8))


def _ordered(vectors: Vectors, members: Numbers) -> tuple[int, ...]:
    """Sorts ``members`` by descending similarity to their medoid, the text nearest to the sum of their vectors."""
    rows = vectors[members]
    medoid = rows[int((rows @ rows.sum(axis=0)).argmax())]
    return tuple(members[np.argsort(-(rows @ medoid), kind="stable")].tolist())
