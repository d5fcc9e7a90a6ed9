"""Reads the agency's test messages: lines of JSON in the files of a folder beside the FAQ (docs/evaluation.md).

What measures a change and the page that shows the messages read them here, so that both mean the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Written:
    """A message and the id of the entry that shall answer it, '' if none shall; ``line`` is its line in ``file``."""

    file: str
    line: str
    text: str
    entry: str


def written_tests(folder: Path) -> Iterator[Written]:
    """Yields the messages of all files; skips lines without a ``text``, such as those of several turns. Raises OSError.

    A message without ``faq`` shall be answered by no entry.
    """
    for path in sorted(folder.glob("*.jsonl")):
        for line in map(decoded, path.read_bytes().split(b"\n")):
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict) and isinstance(row.get("text"), str) and row["text"].strip():
                yield Written(path.name, line, row["text"], str(row.get("faq") or ""))


def decoded(line: bytes) -> str:
    """Returns the text of a line in UTF-8, or else in the encoding of older Windows programs."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
