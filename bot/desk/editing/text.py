"""Reads and writes the text of an entry: its file and the file of its phrases."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bot.core.disk import sync_folder, write_synced
from bot.faq.entries.canonical import canonical, sha256
from bot.faq.entries.phrases import phrases_name

ORIGINAL = "original"  # suffix of the copy of a file that could not be read


@dataclass(frozen=True)
class EntryText:
    """The contents of an entry's two files; ``phrases`` is '' if there is no file of phrases."""

    content: str
    phrases: str = ""

    @property
    def hash(self) -> str:
        """Returns the hexadecimal SHA-256, which identifies this text in revisions, approvals and answers."""
        return sha256(self.content.encode(), self.phrases.encode())

    def files(self, path: str) -> dict[str, bytes]:
        """Returns the contents, keyed by path, the phrases first; b"" means that the file must not exist."""
        return {phrases_name(path): self.phrases.encode(), path: self.content.encode()}


def text_in(contents: Mapping[str, bytes], path: str) -> EntryText | None:
    """Returns the text of the entry ``path`` among the files; None if it is absent or a file of it is unreadable."""
    beside = contents.get(phrases_name(path), b"")
    if path not in contents or _is_unreadable(contents[path]) or _is_unreadable(beside):
        return None
    return EntryText(canonical(contents[path]).decode(), canonical(beside).decode() if beside else "")


def text_on_disk(faq_dir: Path, path: str) -> EntryText | None:
    """Returns the text of the entry ``path`` in the folder; None if it is absent or unreadable."""
    names = (path, phrases_name(path))
    return text_in({name: (faq_dir / name).read_bytes() for name in names if (faq_dir / name).is_file()}, path)


def keep_unreadable(faq_dir: Path, path: str) -> bool:
    """Copies each unreadable file of the entry to a new file beside it, so that overwriting loses nothing.

    Returns whether anything was copied. A copy is never overwritten; its suffix keeps it from being read as an entry.
    Raises OSError.
    """
    kept = False
    for name in (path, phrases_name(path)):
        content = (faq_dir / name).read_bytes() if (faq_dir / name).is_file() else b""
        if _is_unreadable(content):
            write_synced(_unused(faq_dir / f"{name}.{ORIGINAL}"), content)
            kept = True
    if kept:
        sync_folder((faq_dir / path).parent)
    return kept


def _is_unreadable(content: bytes) -> bool:
    """Returns whether a file is not UTF-8 or has a zero byte, which PostgreSQL cannot store."""
    try:
        return "\0" in content.decode()
    except UnicodeDecodeError:
        return True


def _unused(path: Path) -> Path:
    names = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())


def write_text(faq_dir: Path, path: str, text: EntryText) -> None:
    """Writes the two files of the entry ``path``; after a crash, each has its old or its new contents. Raises OSError.

    Repeating the call after a crash completes the write.
    """
    files = text.files(path)
    (faq_dir / path).parent.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if content:
            write_synced(_fresh(faq_dir / name), content)
    for name, content in files.items():
        if content:
            os.replace(_fresh(faq_dir / name), faq_dir / name)
        else:
            (faq_dir / name).unlink(missing_ok=True)
    sync_folder((faq_dir / path).parent)


def remove_text(faq_dir: Path, path: str) -> None:
    """Deletes the two files of the entry ``path``, and the temporary files of an interrupted write. Raises OSError."""
    for name in (path, phrases_name(path)):
        (faq_dir / name).unlink(missing_ok=True)
    remove_fresh(faq_dir, path)


def remove_fresh(faq_dir: Path, path: str) -> None:
    """Deletes the temporary files of an interrupted write. Raises OSError."""
    for name in (path, phrases_name(path)):
        _fresh(faq_dir / name).unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
