"""Implements ``ventanilla restore``: fills an empty home folder from a backup, or only checks the backup."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.backup import database, redis_copy
from bot.backup.backup import (
    OWN,
    RECORD,
    SINGLE_FILES,
    STATE,
    STATE_FILES,
    STATE_FOLDERS,
    TRACKERS,
    own_data,
    written_by_agency,
)
from bot.backup.encryption import Identity, decrypting, identities_of
from bot.backup.erasing import erase_again
from bot.backup.errors import BackupRuns, HomeInUse, SecretForeign, SecretMissing, StoreInUse
from bot.backup.folders import count_files, found_at, walk
from bot.backup.key_copy import copy_keys
from bot.backup.manifest import About
from bot.backup.place import Place, empty_place
from bot.backup.report import found_lines, kept_line, unwritable_line
from bot.backup.restored import Restored, read_through
from bot.core.secrets.encryption import fingerprint, fingerprints
from bot.core.secrets.kept import new_secret
from bot.core.settings import Settings
from bot.core.texts import say
from bot.record.audit_signatures import FILE as SEAL_FILE
from bot.run.system import gather_alone, only_one

CHECK_FOLDER, WORK_FOLDER, ASIDE_FOLDER = "restore-check", "restoring", "restored"
STORE_FOLDERS = ("valkey", "postgres")
SECRETS = "secrets.json"
MOST_SECRET_BYTES = 4096
UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})

Report = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """The files for a restore: the backup, the private keys, and the secret that ``backup --secrets`` wrote.

    ``new_secret`` generates a new secret if the old secret is lost; citizens can then not resume their conversations,
    and encrypted values remain unreadable.
    """

    file: Path
    key: Path
    secret_file: Path | None = None
    new_secret: bool = False


def try_out(settings: Settings, request: Request, report: Report) -> None:
    """Restores the backup into a temporary folder, compares the counts with the manifest, and deletes the folder.

    Before any store is started, reads the whole file. Raises VentanillaError.
    """
    started = time.monotonic()
    identities = identities_of(request.key)
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(settings.home), empty_place(settings.home / CHECK_FOLDER) as place:
        read_through(request.file, identities, lambda about: None)
        record, trackers = place.start_postgres()
        restored = Restored(place, request.file, {RECORD: record, TRACKERS: trackers})
        _fill(restored, identities, report)
    report(say("backup.prueba_bien", segundos=round(time.monotonic() - started)))


def restore(settings: Settings, request: Request, report: Report) -> None:
    """Restores the backup into the empty home folder, and into the configured stores, which must also be empty.

    Before anything is changed, reads the whole file. Erases the conversations that were erased after the backup was
    made. Files and embedded stores are moved into place only after all counts have been checked. Raises
    VentanillaError, for example AlreadyRunning.
    """
    started = time.monotonic()
    os.umask(0o077)
    identities = identities_of(request.key)
    with only_one(settings):
        _require_empty(settings)
        secret = _secret_of(settings, request, identities)
        read_through(request.file, identities, lambda about: _require_secret(about, secret, request))
        with empty_place(settings.home / WORK_FOLDER) as place:
            (place.home / SECRETS).write_text(json.dumps({"secret": secret}))
            addresses = _addresses(settings, place)
            restored = Restored(place, request.file, addresses)
            _fill(restored, identities, report)
            if again := erase_again(restored, settings.home):
                report(say("privacidad.de_nuevo", cuantas=again))
            _fill_configured_redis(settings, restored.redis_url)
            place.stop()
            (settings.home / SEAL_FILE).unlink(missing_ok=True)  # this seal is newer than the restored audit log
            _move(settings, restored, report)
            gather_alone(settings)  # an older backup has them beside
    aside = settings.home / ASIDE_FOLDER
    key = "restaurado_aparte" if aside.exists() else "restaurado"
    report(say(f"backup.{key}", segundos=round(time.monotonic() - started), carpeta=settings.home, aparte=aside))


def _fill(restored: Restored, identities: list[Identity], report: Report) -> None:
    restored.unpack(identities)
    restored.start_valkey()
    restored.check()
    for line in found_lines(restored.about, restored.manifest):
        report(line)
    with redis_copy.connected(restored.redis_url) as client:
        tickets, unanswered = redis_copy.open_work(client)
    report(say("backup.abiertas", tickets=tickets, sin_responder=unanswered))
    restored.migrate()
    report(say("backup.migrado"))


def _addresses(settings: Settings, place: Place) -> dict[str, str]:
    configured = settings.database_url.get_secret_value()
    if configured:
        owner = settings.database_owner_url.get_secret_value()
        return {RECORD: owner or configured, TRACKERS: settings.rasa_database_url.get_secret_value() or configured}
    record, trackers = place.start_postgres()
    return {RECORD: record, TRACKERS: settings.rasa_database_url.get_secret_value() or trackers}


def _require_empty(settings: Settings) -> None:
    """Checks that the restore would not overwrite anything. Raises HomeInUse or StoreInUse if it would."""
    ours = (*STORE_FOLDERS, SECRETS, *STATE_FILES, *STATE_FOLDERS, ASIDE_FOLDER)
    if found := [name for name in ours if _has_content(settings.home / name)]:
        raise HomeInUse(carpeta=settings.home, hay=", ".join(found))
    for url in {settings.database_url.get_secret_value(), settings.rasa_database_url.get_secret_value()} - {""}:
        with database.connected(url) as connection:
            if database.rows_of(connection):
                raise StoreInUse(parte=database.PART, donde=database.place_of(url))
    if url := settings.copied_redis_url:
        with redis_copy.connected(url) as client:
            if client.dbsize():
                raise StoreInUse(parte=redis_copy.PART, donde=redis_copy.place_of(url))


def _has_content(path: Path) -> bool:
    """Returns whether ``path`` exists and is not an empty folder, such as the mount point of a new volume."""
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def _secret_of(settings: Settings, request: Request, identities: list[Identity]) -> str:
    """Returns the secret from the environment, else from the secret's file, else a new secret if requested.

    Raises SecretMissing, KeyWrong and BackupDamaged.
    """
    if configured := settings.secret.get_secret_value():
        return configured
    if request.secret_file:
        with decrypting(request.secret_file, identities) as content:
            return content.read(MOST_SECRET_BYTES).decode(errors="replace")
    if request.new_secret:
        return new_secret()
    raise SecretMissing()


def _require_secret(about: About, secret: str, request: Request) -> None:
    if not request.new_secret and about.secret not in fingerprints(secret):
        raise SecretForeign(esperada=about.secret, dada=fingerprint(secret))


def _fill_configured_redis(settings: Settings, source_url: str) -> None:
    if url := settings.copied_redis_url:
        with redis_copy.connected(source_url) as source, redis_copy.connected(url) as target:
            copy_keys(source, target)


def _move(settings: Settings, restored: Restored, report: Report) -> None:
    """Moves the restored content to the home folder, and the agency's files to their configured places.

    An existing file or folder that differs is kept, and the restored copy is moved to ASIDE_FOLDER instead; likewise if
    the place cannot be written, as in a container.
    """
    home, unused, aside = restored.place.home, _unused(settings), settings.home / ASIDE_FOLDER
    ours = [home / name for name in (SECRETS, *STORE_FOLDERS) if name not in unused]
    for path in (*ours, *restored.folder(STATE).glob("*")):
        if path.exists():
            _move_to(path, settings.home / path.name)
    for name, target in written_by_agency(settings).items():
        folder = restored.folder(name)
        for path in folder.glob("*") if name in SINGLE_FILES else filter(Path.exists, [folder]):
            _put(path, target, aside / target.name, report=report)
    for one, path in own_data(restored.folder(OWN)):
        _put(path, settings.project_root / "data" / one, aside / one, report=report)


def _unused(settings: Settings) -> set[str]:
    """Returns the names of restored items that the home folder does not need, since the settings replace them."""
    redis, *others = (one.get_secret_value() for one in (settings.redis_url, settings.database_url, settings.secret))
    unused = {"valkey"} if redis else set()
    return unused | {SECRETS} if redis and all(others) else unused


def _move_to(path: Path, target: Path) -> None:
    """Moves a file or folder; if the target folder exists, moves only the content, since it may be a mount point."""
    if not target.is_dir():
        path.rename(target)
        return
    for one in path.iterdir():
        shutil.move(one, target / one.name)


def _put(path: Path, target: Path, aside: Path, *, report: Report) -> None:
    line = kept_line
    if not target.exists() or (path.is_dir() and not _has_content(target)):
        if _moved(path, target):
            return
        line = unwritable_line
    elif _same(path, target):
        return
    aside.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.rename(aside)
    report(line(aside, target))


def _moved(path: Path, target: Path) -> bool:
    """Moves a file or folder; returns False, and leaves it, if the target cannot be written. Raises OSError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            _move_to(path, target)
        else:
            shutil.move(path, target)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        return False
    return True


def _same(path: Path, target: Path) -> bool:
    """Returns whether two files have the same content, or two folders the same files."""
    if path.is_dir():
        return count_files(walk(path)) == count_files(found_at(target))
    return target.is_file() and path.read_bytes() == target.read_bytes()


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Prevents two simultaneous checks, since each would delete the other's folder (context manager).

    Raises BackupRuns.
    """
    with (home / "restore.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRuns(archivo=home / CHECK_FOLDER) from None
        yield
