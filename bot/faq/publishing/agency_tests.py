"""Reads messages with known answers, as lines of JSON (docs/evaluation.md).

The agency's test messages are in the files of a folder next to the FAQ; the benchmark messages, if any, in one file.
Both the measurement of changes and the page of test messages use this module, so they read the same messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.faq.entries.problem import Found, Problem


@dataclass(frozen=True)
class MessageFiles:
    """The places of messages with known answers: the agency's ``tests`` (a folder) and the ``benchmark`` (a file)."""

    tests: Path
    benchmark: Path | None = None


@dataclass(frozen=True)
class Written:
    """A test message and the id of the entry that should answer it ('' if none should).

    ``line`` is the whole line as written in ``file``.
    """

    file: str
    line: str
    text: str
    entry: str


def written_tests(folder: Path) -> Iterator[Written]:
    """Yields the messages of all files of a folder, as ``messages_of_file`` does. Raises OSError."""
    for path in sorted(folder.glob("*.jsonl")):
        yield from messages_of_file(path)


def messages_of_file(path: Path) -> Iterator[Written]:
    """Yields the messages of a file; skips lines that are not JSON or have no ``text``. Raises OSError.

    A line with several turns has no ``text``. A line without ``faq`` is a message that no entry should answer.
    """
    for line in map(decoded, path.read_bytes().split(b"\n")):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("text"), str) and row["text"].strip():
            yield Written(path.name, line, row["text"], str(row.get("faq") or ""))


def file_problems(benchmark: Path | None) -> list[Problem]:
    """Returns an error if the file of benchmark messages is set, but missing."""
    found = Found(str(benchmark))
    if benchmark is not None and not benchmark.is_file():
        found.add("referencia_falta", 1)
    return found.problems


def decoded(line: bytes) -> str:
    """Returns the text of a line in UTF-8, or else in the encoding of older Windows programs."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
