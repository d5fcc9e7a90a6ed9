"""Remembers what the answerer was prepared from, so that a start with unchanged inputs skips the preparation.

The action server prepares by itself whatever is missing after all, only slower.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bot.core.settings import ROOT, Settings
from bot.faq.encoder.folder import adapter_file, encoder_folder, is_encoder
from bot.faq.encoder.vectors import FILE

STAMP = "prepared.txt"
CODE = ("bot/faq", "bot/text", "bot/encoder_build", "requirements")


def is_prepared(settings: Settings) -> bool:
    """Returns whether the last preparation in this home folder had the same inputs, and its results exist."""
    stamp, folder = settings.home / STAMP, _encoder(settings)
    if not (stamp.is_file() and (settings.home / FILE).is_file() and is_encoder(folder)):
        return False
    return stamp.read_text() == _inputs(settings)


def note_prepared(settings: Settings) -> None:
    """Stores the inputs of a preparation that has ended well."""
    (settings.home / STAMP).write_text(_inputs(settings))


def _inputs(settings: Settings) -> str:
    """Returns a hash of the path, size and time of every input file."""
    digest = hashlib.sha256(settings.faq_encoder.encode())
    for path in sorted(_files(settings)):
        facts = path.stat()
        digest.update(f"\n{path} {facts.st_size} {facts.st_mtime_ns}".encode())
    return digest.hexdigest()


def _files(settings: Settings) -> Iterator[Path]:
    folders = [settings.project_root / "data", settings.faq_dir, _encoder(settings), *(ROOT / name for name in CODE)]
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    yield from (path for path in (settings.agency_file, adapter_file(settings.home)) if path.is_file())


def _encoder(settings: Settings) -> Path:
    return Path(settings.faq_encoder) if settings.faq_encoder else encoder_folder(settings.home)
