"""Unpacks a backup into a Place, checks its counts, and migrates the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.backup import database, redis_copy
from bot.backup.archive import Digest, Member, members
from bot.backup.backup import ABOUT, MANIFEST, OWN, RECORD, REDIS, STATE, TRACKERS, WRITTEN, own_data, state_files
from bot.backup.encryption import Identity, decrypting
from bot.backup.errors import BackupDamaged, BackupDiffers, BackupNewer, StoreFailed
from bot.backup.folders import count_files, unpack, walk
from bot.backup.manifest import FORMAT, About, Manifest, Stream
from bot.backup.place import Place
from bot.record.migrate import known_revisions, migrate

Facts = TypeVar("Facts", bound=BaseModel)


@dataclass
class Restored:
    """A backup that is unpacked into a Place.

    ``addresses`` maps the name of each dump to the URL of the database into which it is restored. ``unpack`` sets
    ``about``, ``manifest`` and, for each dump and the RDB file, the length and hash in ``streams``; ``start_valkey``
    sets ``redis_url``.
    """

    place: Place
    file: Path
    addresses: dict[str, str]
    about: About = field(init=False)
    manifest: Manifest = field(init=False)
    redis_url: str = field(init=False)
    streams: dict[str, Stream] = field(default_factory=dict)

    def unpack(self, identities: list[Identity]) -> None:
        """Unpacks all files and restores the databases.

        Raises KeyWrong, BackupDamaged, BackupNewer, StoreFailed and OSError.
        """
        with decrypting(self.file, identities) as content:
            found = members(content)
            self.about = _read_about(self.file, next(found, None))
            for top, ours in groupby(found, key=lambda one: one.name.parts[0]):
                self._restore_member(top, ours)
        if not hasattr(self, "manifest"):
            raise BackupDamaged(archivo=self.file, detalle=MANIFEST)

    def start_valkey(self) -> None:
        """Starts Valkey with the unpacked RDB file. Raises PartFailed."""
        self.redis_url = self.place.start_valkey()

    def check(self) -> None:
        """Compares everything unpacked with the manifest. Raises BackupDiffers, which lists all differences."""
        wrong = {what: pair for what, *pair in self._compared() if pair[0] != pair[1]}
        if wrong:
            differing = "; ".join(f"{what}: {expected} → {found}" for what, (expected, found) in wrong.items())
            raise BackupDiffers(diferencias=differing)

    def migrate(self) -> None:
        """Migrates the record to this release and prepares Redis for use. Raises StoreFailed."""
        try:
            migrate(self.addresses[RECORD])
        except SQLAlchemyError as error:
            place = database.place_of(self.addresses[RECORD])
            raise StoreFailed(parte=database.PART, donde=place, problema=str(error).splitlines()[0]) from error
        with redis_copy.connected(self.redis_url) as client:
            redis_copy.settle(client, self.about.redis_db)

    def _restore_member(self, top: str, found: Iterator[Member]) -> None:
        if top in {RECORD, TRACKERS}:
            digest = Digest()
            database.restore(self.addresses[top], _pieces(found, digest))
            self.streams[top] = digest.stream()
        elif top == REDIS:
            digest = Digest()
            with redis_copy.rdb_file(self.place.home) as file:
                for piece in _pieces(found, digest):
                    file.write(piece)
            self.streams[top] = digest.stream()
        elif top in {STATE, *WRITTEN}:
            for one in found:
                unpack(one, self.folder(top) / one.name.relative_to(top))
        elif top == MANIFEST:
            self.manifest = _parsed(self.file, Manifest, next(found))
        else:
            raise BackupDamaged(archivo=self.file, detalle=top)

    def folder(self, top: str) -> Path:
        return self.place.home / "unpacked" / top

    def _compared(self) -> Iterator[tuple[Any, ...]]:
        """Yields a tuple (name, expected, found) for every count and hash."""
        tables: defaultdict[str, dict[str, int]] = defaultdict(dict)  # by URL: both dumps may go into one database
        for name, one in self.manifest.databases.items():
            yield name, one.dump, self.streams.get(name)
            tables[self.addresses[name]] |= one.tables
        for address, expected in tables.items():
            with database.connected(address) as connection:
                found = database.rows_of(connection)
            for table in sorted(expected.keys() | found.keys()):
                yield table, expected.get(table), found.get(table)
        yield REDIS, self.manifest.redis.rdb, self.streams.get(REDIS)
        if self.manifest.redis.keys is not None:
            with redis_copy.connected(self.redis_url) as client:
                yield f"{REDIS} keys", self.manifest.redis.keys, redis_copy.loaded_keys(client)
        found_files = {name: walk(self.folder(name)) for name in WRITTEN}
        found_files |= {STATE: state_files(self.folder(STATE)), OWN: own_data(self.folder(OWN))}
        none = count_files(iter(()))  # a backup of an older format lacks the newer folders
        for name, files in found_files.items():
            yield name, self.manifest.folders.get(name, none), count_files(files)


def _pieces(found: Iterator[Member], digest: Digest) -> Iterator[bytes]:
    for member in found:
        for piece in member.pieces():
            digest.update(piece)
            yield piece


def read_through(file: Path, identities: list[Identity], allow: Callable[[About], None]) -> None:
    """Reads a backup to its end without unpacking it, so that a wrong or damaged one is refused before a store starts.

    ``allow`` is called with the backup's About before anything else is read; it raises an error if the backup must not
    be restored. Raises KeyWrong, BackupDamaged, BackupNewer, OSError, and the errors of ``allow``.
    """
    with decrypting(file, identities) as content:
        found = members(content)
        allow(_read_about(file, next(found, None)))
        if not any([str(one.name) == MANIFEST for one in found]):  # a list, so that all are read
            raise BackupDamaged(archivo=file, detalle=MANIFEST)


def _read_about(file: Path, first: Member | None) -> About:
    if first is None or first.name.name != ABOUT:
        raise BackupDamaged(archivo=file, detalle=ABOUT)
    about = _parsed(file, About, first)
    if about.format > FORMAT or about.revision not in known_revisions():
        raise BackupNewer(version=about.release, nuestra=version("ventanilla"))
    return about


def _parsed(file: Path, kind: type[Facts], member: Member) -> Facts:
    try:
        return kind.model_validate_json(member.content.read())
    except ValidationError as error:
        raise BackupDamaged(archivo=file, detalle=member.name) from error
