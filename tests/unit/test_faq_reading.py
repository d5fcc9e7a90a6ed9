"""Tests reading one entry's file and reporting its mistakes."""

from __future__ import annotations

import pytest

from bot.faq.entries.problem import Severity
from bot.faq.entries.reading import MAX_BYTES, read
from tests.faq_files import GOOD_ENTRY as GOOD

CONTENT = GOOD.encode()


def test_valid_file_is_an_entry_with_its_path_and_version() -> None:
    reading = read("calle/bache.md", CONTENT, None)
    assert reading.entry is not None and reading.problems == ()
    assert (reading.entry.id, reading.entry.path, len(reading.entry.version)) == ("bache", "calle/bache.md", 12)


def test_changed_content_is_another_version() -> None:
    one, other = (read("calle/bache.md", content, None).entry for content in (CONTENT, CONTENT + b"Llama.\n"))
    assert one is not None and other is not None and one.version != other.version


def test_unchanged_file_is_read_once() -> None:
    assert read("calle/bache.md", CONTENT, None) is read("calle/bache.md", bytes(CONTENT), None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bache.md", CONTENT),
        ("calle/norte/bache.md", CONTENT),
        ("calle/bache.md", CONTENT.replace("ó".encode(), b"\xf3")),
        ("calle/bache.md", CONTENT + b"x" * MAX_BYTES),
    ],
)
def test_unusable_file_is_no_entry_and_reports_why(name: str, content: bytes) -> None:
    reading = read(name, content, None)
    assert reading.entry is None
    assert any(problem.severity is Severity.ERROR for problem in reading.problems)
