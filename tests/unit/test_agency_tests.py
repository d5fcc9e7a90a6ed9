"""Tests that one reader finds the agency's test messages, whatever else their files contain."""

from __future__ import annotations

from pathlib import Path

from bot.faq.publishing.agency_tests import decoded, written_tests
from bot.faq.publishing.effect import agency_tests

LINES = (
    b'\xef\xbb\xbf{"text": "hay un hoyo", "faq": "bache"}\r',  # with the mark that Windows writes
    '{"text": "cuándo pasa la basura", "faq": "basura"}'.encode("cp1252"),
    b'{"text": "dan pelicula"}',
    b'{"text": "y hoy", "faq": null}',
    b'{"turns": ["a", "b"], "faq": "bache"}',
    b'{"text": 3, "faq": "bache"}',
    b"\xff\xfe no es json",
    b"[]",
)


def test_every_usable_line_is_read_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(LINES))
    (tmp_path / "b.jsonl").write_text('{"text": "otro hoyo", "faq": "bache"}\n')
    assert [(one.file, one.text, one.entry) for one in written_tests(tmp_path)] == [
        ("a.jsonl", "hay un hoyo", "bache"),
        ("a.jsonl", "cuándo pasa la basura", "basura"),
        ("a.jsonl", "dan pelicula", ""),
        ("a.jsonl", "y hoy", ""),
        ("b.jsonl", "otro hoyo", "bache"),
    ]
    measured = agency_tests(tmp_path, ["bache"])
    assert [one.text for one in measured] == ["hay un hoyo", "dan pelicula", "y hoy", "otro hoyo"]
    assert decoded(b"\x81\xf3") == "\ufffd\u00f3"
