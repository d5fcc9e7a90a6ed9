"""Reads and writes which FAQ entries a notice replaces, as people name them: by question, id or address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping


def named(ids: Iterable[str], questions: Mapping[str, str]) -> str:
    """Returns a line for each entry: its question, or its id if the question is unknown or not the only such one.

    ``questions`` maps the id of each published entry to its question.
    """
    times = Counter(_key(one) for one in questions.values())
    return "\n".join(questions[id] if times[_key(questions.get(id, ""))] == 1 else id for id in ids)


def ids_of(lines: Iterable[str], questions: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Returns the ids of the entries that the lines name, in order, and the names of no entry.

    A line is a question, or ids and addresses of the entries' public pages with commas between them.
    """
    of_question = {_key(question): id for id, question in questions.items()}
    found: list[str] = []
    unknown: list[str] = []
    for line in lines:
        if id := of_question.get(_key(line)):
            found.append(id)
            continue
        for name in filter(None, (one.strip() for one in line.split(","))):
            id = name.rstrip("/").rpartition("/")[2]
            (found if id in questions else unknown).append(id if id in questions else name)
    return list(dict.fromkeys(found)), unknown


def _key(question: str) -> str:
    return " ".join(question.casefold().strip("¿? ").split())
