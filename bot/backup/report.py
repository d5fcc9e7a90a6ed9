"""Describes the content of a backup in Spanish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.backup.manifest import About, Manifest
from bot.conversation.files import size_in_words
from bot.core.texts import area, say


def found_lines(about: About, manifest: Manifest) -> Iterator[str]:
    """Yields lines that describe a restored backup: its date and release, and its content."""
    moment = about.made_at.astimezone().strftime("%d-%m-%Y %H:%M")
    yield say("backup.de", cuando=moment, version=about.release)
    yield from content_lines(manifest)


def content_lines(manifest: Manifest) -> Iterator[str]:
    """Yields a line for each database, for Redis, and for each folder of a backup."""
    names = area("backup")["nombres"]
    for name, one in manifest.databases.items():
        rows, tables = sum(one.tables.values()), len(one.tables)
        yield say(
            "backup.base", nombre=names[_key(name)], tablas=tables, filas=rows, tamano=size_in_words(one.dump.bytes)
        )
    keys = "?" if manifest.redis.keys is None else manifest.redis.keys
    yield say("backup.redis", claves=keys, tamano=size_in_words(manifest.redis.rdb.bytes))
    for name, folder in manifest.folders.items():
        yield say("backup.carpeta", nombre=names[_key(name)], archivos=folder.files, tamano=size_in_words(folder.bytes))


def done_lines(path: Path, manifest: Manifest, *, seconds: float) -> Iterator[str]:
    """Yields lines that describe a backup just written to ``path``."""
    yield from content_lines(manifest)
    size = size_in_words(path.stat().st_size)
    yield say("backup.listo", archivo=path, tamano=size, segundos=round(seconds))
    yield say("backup.claves_aparte")


def kept_line(aside: Path, target: Path) -> str:
    """Returns the line that restored content was moved to ``aside``, since ``target`` exists and differs."""
    return say("backup.aparte", restaurado=aside, actual=target)


def unwritable_line(aside: Path, target: Path) -> str:
    """Returns the line that restored content was moved to ``aside``, since ``target`` cannot be written."""
    return say("backup.sin_escribir", restaurado=aside, actual=target)


def _key(name: str) -> str:
    return name.partition(".")[0]
