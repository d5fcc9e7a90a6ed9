"""Says in Spanish what is in a backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.backup.manifest import About, Manifest
from bot.conversation.files import size_in_words
from bot.core.texts import area, say


def found_lines(about: About, manifest: Manifest) -> Iterator[str]:
    """Returns the lines about a backup that was counted."""
    moment = about.made_at.astimezone().strftime("%d-%m-%Y %H:%M")
    yield say("backup.de", cuando=moment, version=about.release)
    yield from content_lines(manifest)


def content_lines(manifest: Manifest) -> Iterator[str]:
    """Returns a line for each store and folder of a backup."""
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
    """Returns the lines about a backup that was written."""
    yield from content_lines(manifest)
    size = size_in_words(path.stat().st_size)
    yield say("backup.listo", archivo=path, tamano=size, segundos=round(seconds))
    yield say("backup.claves_aparte")


def kept_line(aside: Path, target: Path) -> str:
    """Returns the line about content that was not put over what is here."""
    return say("backup.aparte", restaurado=aside, actual=target)


def _key(name: str) -> str:
    return name.partition(".")[0]
