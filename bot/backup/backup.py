"""Implements ``ventanilla backup``: writes one encrypted file while the system runs.

The record is copied as of one moment, and Redis as of some seconds later. So the copy of Redis is never older than the
copy of the record: events that the record's copy lacks are still in Redis's event stream, which the recorder reads
again after a restore. Files are copied last, since a file is stored before the message that refers to it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from bot.backup import database, redis_copy
from bot.backup.archive import PieceWriter, Writer, writing
from bot.backup.encryption import encrypting, recipients_of
from bot.backup.errors import BackupRuns, RecipientMissing, RecorderBehind
from bot.backup.folders import add_files, found_at, walk
from bot.backup.manifest import About, DatabaseCounts, FolderCounts, Manifest, RedisCounts
from bot.backup.own_secret import own_secret
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER
from bot.core.disk import sync_folder
from bot.core.errors.launcher import NotRunning
from bot.core.secrets.encryption import fingerprint
from bot.core.secrets.kept import kept_secret
from bot.core.settings import Settings
from bot.privacy.erasures import FILE as ERASURES
from bot.privacy.erasures import add_to_file, read_file
from bot.run.system import gather, running_system

ABOUT, MANIFEST = "about.json", "manifest.json"
RECORD, TRACKERS, REDIS = "record.dump", "trackers.dump", "redis.rdb"
STATE, AGENCY, FAQ, TESTS, CRISIS, FACTS, OWN = "state", "agency", "faq", "tests", "crisis", "facts", "own"
WRITTEN = (AGENCY, FAQ, TESTS, CRISIS, FACTS, OWN)  # files and folders that the agency edits
SINGLE_FILES = (AGENCY, FACTS)
# What an agency writes or edits in folders of data that also hold the project's files, as patterns below data.
OWN_DATA = ("*/*.propias.txt", "danger/frases.propias", "lexicon/*.csv", "atlas/*.csv")
# The current paths, and those that earlier releases used, which their backups contain. The hash of the folder depends
# on the order.
STATE_FILES = ("answers/adapter.safetensors", "answers/adapter.md", "adapter.safetensors", "adapter.md")
STATE_FOLDERS = (FILES_FOLDER, COMPLAINT_FILES, "answers/good", "good")
RECORDER_PATIENCE_S = 60.0
LOOK_EVERY_S = 1.0
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class Sources:
    """The URLs of the stores, and the fingerprint of the system's VENTANILLA_SECRET.

    ``redis`` is Redis's URL with the bot's account, ``copied_redis`` its URL with an account for copies. ``record`` and
    ``trackers`` are the URLs of the record and of Rasa's trackers.
    """

    redis: str
    copied_redis: str
    record: str
    trackers: str
    secret: str


def sources_of(settings: Settings) -> Sources:
    """Returns the URLs from the settings, or else from the running system, and the fingerprint of the system's secret.

    Raises NotRunning if the URL of Redis or of the record is unknown, and SecretsDamaged.
    """
    running = running_system(settings.home) or {}
    redis_url = settings.redis_url.get_secret_value() or running.get("REDIS_URL", "")
    copied = settings.copied_redis_url or running.get("REDIS_BACKUP_URL", "") or redis_url
    record = settings.database_url.get_secret_value() or running.get("DATABASE_URL", "")
    if not redis_url or not record:
        raise NotRunning()
    trackers = settings.rasa_database_url.get_secret_value() or running.get("RASA_DATABASE_URL", "")
    known = running.get("secret_fingerprint", "")
    return Sources(redis_url, copied, record, trackers or record, known or fingerprint(secret_of(settings)))


def secret_of(settings: Settings) -> str:
    return settings.secret.get_secret_value() or kept_secret(settings.home, "secret")


def back_up(settings: Settings, path: Path, recipients: Sequence[str]) -> Manifest:
    """Writes a backup and returns its manifest; ``path`` is replaced only when the new file is completely on disk.

    Also copies the list of erased conversations next to the backup, for restores of older backups (erasing.py).

    Raises RecipientMissing, RecipientInvalid, NotRunning, SecretsDamaged, StoreFailed, RecorderBehind, BackupRuns and
    OSError.
    """
    keys = recipients_of(_wanted(settings, recipients))
    gather(settings)  # so that no file moves while it is copied
    settings = _as_running(settings)
    sources = sources_of(settings)
    with ExitStack() as stack:
        client = stack.enter_context(redis_copy.connected(sources.copied_redis))
        _wait_recorded(client)
        snapshots = {RECORD: stack.enter_context(database.snapshot(sources.record))}
        if sources.trackers != sources.record:
            snapshots[TRACKERS] = stack.enter_context(database.snapshot(sources.trackers))
        file = stack.enter_context(replacing(path))
        archive = stack.enter_context(writing(stack.enter_context(encrypting(file, keys))))
        archive.add_text(ABOUT, _about(sources, snapshots[RECORD]).model_dump_json())
        manifest = _add_all(archive, settings, client, snapshots)
        archive.add_text(MANIFEST, manifest.model_dump_json())
    if erasures := list(read_file(settings.home / ERASURES)):
        add_to_file(path.with_name(ERASURES), erasures)
    return manifest


def _as_running(settings: Settings) -> Settings:
    """Returns the settings with the paths of the answers and of agency.yml that the running system uses."""
    running = running_system(settings.home) or {}
    paths = {"agency_file": running.get("AGENCY_FILE"), "faq_dir": running.get("FAQ_DIR")}
    return settings.model_copy(update={name: Path(path) for name, path in paths.items() if path})


def back_up_secret(settings: Settings, path: Path, recipients: Sequence[str]) -> None:
    """Writes the encrypted secret to a separate file, since the secret must not be stored together with the data.

    Raises RecipientMissing, RecipientInvalid, SecretsDamaged, SecretElsewhere, BackupRuns and OSError.
    """
    keys = recipients_of(_wanted(settings, recipients))
    secret = own_secret(settings)
    with replacing(path) as file, encrypting(file, keys) as encrypted:
        encrypted.write(secret.encode())


def _wanted(settings: Settings, recipients: Sequence[str]) -> Sequence[str]:
    wanted = recipients or settings.backup_recipients
    if not wanted:
        raise RecipientMissing()
    return wanted


def _about(sources: Sources, record: database.Snapshot) -> About:
    return About(
        release=version("ventanilla"),
        revision=record.revision(),
        made_at=datetime.now(UTC),
        redis_db=redis_copy.database_of(sources.copied_redis),
        secret=sources.secret,
    )


def _add_all(
    archive: Writer, settings: Settings, client: redis_copy.Client, snapshots: dict[str, database.Snapshot]
) -> Manifest:
    rdb = archive.stream(REDIS)
    redis_keys = redis_copy.copy_rdb(client, rdb)
    redis_counts = RedisCounts(rdb=rdb.finish(), keys=redis_keys)
    databases = {name: _add_database(one, archive.stream(name)) for name, one in snapshots.items()}
    return Manifest(databases=databases, redis=redis_counts, folders=_add_folders(archive, settings))


def _add_database(one: database.Snapshot, writer: PieceWriter) -> DatabaseCounts:
    tables = one.tables()
    one.dump(writer)
    return DatabaseCounts(dump=writer.finish(), tables=tables)


def _add_folders(archive: Writer, settings: Settings) -> dict[str, FolderCounts]:
    state = add_files(archive, STATE, state_files(settings.home))
    written = {name: found_at(path) for name, path in written_by_agency(settings).items()}
    written[OWN] = own_data(settings.project_root / "data")
    return {STATE: state} | {name: add_files(archive, name, files) for name, files in written.items()}


def written_by_agency(settings: Settings) -> dict[str, Path]:
    """Returns the path of each file and folder that only the agency writes, keyed by its name in the backup."""
    data = settings.project_root / "data"
    return {
        AGENCY: settings.agency_file,
        FAQ: settings.faq_dir,
        TESTS: settings.tests_dir,
        CRISIS: data / "crisis",
        FACTS: data / "transparencia.yml",
    }


def own_data(data: Path) -> Iterator[tuple[str, Path]]:
    """Yields the relative name and path of each file that OWN_DATA matches, in the order of ``walk``."""
    found = {path for pattern in OWN_DATA for path in data.glob(pattern) if path.is_file() and not path.is_symlink()}
    for path in sorted(found, key=lambda one: one.parts):
        yield path.relative_to(data).as_posix(), path


def state_files(home: Path) -> Iterator[tuple[str, Path]]:
    """Yields the name and path of each file in the home folder that is backed up, in a fixed order."""
    for name in STATE_FILES:
        if (home / name).is_file():
            yield name, home / name
    for name in STATE_FOLDERS:
        yield from walk(home / name, f"{name}/")


def _wait_recorded(client: redis_copy.Client) -> None:
    """Waits until no unrecorded event is older than MOST_UNRECORDED_MS, so that Redis still has all of them.

    Raises RecorderBehind after RECORDER_PATIENCE_S seconds.
    """
    until = time.monotonic() + RECORDER_PATIENCE_S
    while (late := redis_copy.unrecorded_ms(client)) > redis_copy.MOST_UNRECORDED_MS:
        if time.monotonic() > until:
            raise RecorderBehind(minutos=late // 60_000)
        time.sleep(LOOK_EVERY_S)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yields a new file that replaces ``path`` at the end of the block (context manager).

    If the block fails, the new file is deleted. Raises BackupRuns if another process is writing the same backup; an
    OSError for a full disk names the folder.
    """
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRuns(archivo=path) from None
        try:
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.replace(fresh, path)
            sync_folder(path.parent)
        except BaseException as error:
            fresh.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in FULL:
                error.filename = str(path.parent)
            raise
