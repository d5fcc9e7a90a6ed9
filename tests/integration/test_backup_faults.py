"""Tests faults of backups: wrong keys, truncated files, full disks, unreachable stores, kills."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from redis.asyncio import Redis

from bot.backup import restore as restoring
from bot.backup.archive import writing
from bot.backup.encryption import encrypting, new_key, recipients_of
from bot.backup.errors import BackupDamaged, BackupNewer, KeyWrong
from bot.backup.manifest import FORMAT, About
from bot.backup.place import Place
from bot.core.settings import Settings
from bot.record.engine import Sessions
from bot.run.ports import free_port
from tests.eventually import LONG_PATIENCE_S, eventually_blocking
from tests.integration.backups import SECRET, Installed, add_file, installed, stores_of
from tests.integration.upgrading import database_at

MEGABYTE = 1_000_000
MORE_MEMORY_MB = 25  # that a backup of 90 MB more, 30 of each kind, may take; it takes about 10


@pytest.fixture
def system(tmp_path: Path, redis_url: str, database_url: str) -> Installed:
    return installed(tmp_path / "source", redis_url, database_url)


@pytest.fixture
def no_store_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the test fail that would start PostgreSQL for a backup that is refused."""

    def refuse(self: Place) -> tuple[str, str]:
        raise AssertionError("PostgreSQL was started before the file was read")

    monkeypatch.setattr(Place, "start_postgres", refuse)


def test_commands_make_a_key_a_backup_and_a_check(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    key, path, secret = str(tmp_path / "k.txt"), str(tmp_path / "b.age"), str(tmp_path / "s.age")
    code, made = system.run("backup", key, "--new-key")
    public = next(word for word in made.split() if word.startswith("age1"))
    assert code == 0 and oct(os.stat(key).st_mode & 0o777) == "0o600"
    assert system.run("backup", key, "--new-key")[1].startswith("✗")  # the only copy of a key is never replaced
    code, done = system.run("backup", path, "--recipient", public)
    assert code == 0 and "✓ Respaldo completo" in done
    assert system.run("backup", secret, "--secrets", BACKUP_RECIPIENT=public)[0] == 0
    code, checked = system.run("restore", path, "--key", key, "--check")
    assert code == 0 and "✓ El respaldo sirve" in checked
    away = {"REDIS_URL": "", "DATABASE_URL": "", "RASA_DATABASE_URL": "", "VENTANILLA_SECRET": ""}
    fresh = {"VENTANILLA_HOME": str(tmp_path / "new"), **away}
    code, refused = system.run("restore", path, "--key", key, **fresh)
    assert code == 1 and "Faltan las claves del sistema" in refused
    process = system.command("restore", path, "--key", key, "--secrets", secret, **fresh)
    restored, _ = process.communicate(timeout=LONG_PATIENCE_S)
    assert process.returncode == 0, restored
    assert SECRET in (tmp_path / "new" / "secrets.json").read_text()


def test_backup_is_not_opened_by_another_key(
    system: Installed, redis: Redis, database: Sessions, no_store_starts: None, tmp_path: Path
) -> None:
    path = tmp_path / "b.age"
    system.back_up(path)
    new_key(tmp_path / "other.txt")
    with pytest.raises(KeyWrong):
        restoring.try_out(system.settings, restoring.Request(path, tmp_path / "other.txt"), print)
    assert SECRET.encode() not in path.read_bytes()


def test_cut_or_changed_file_is_refused_before_a_store_starts(
    system: Installed, redis: Redis, database: Sessions, no_store_starts: None, tmp_path: Path
) -> None:
    path, broken, new = tmp_path / "b.age", tmp_path / "broken.age", tmp_path / "new" / "home"
    add_file(system.home, "c1", "b" * 32, os.urandom(300_000))
    system.back_up(path)
    whole = path.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for content in (b"nonsense", whole[:middle], whole[:-1], changed, whole + b"x"):
        broken.write_bytes(content)
        with pytest.raises(BackupDamaged, match=r"broken\.age"):
            restoring.try_out(system.settings, system.request(broken), print)
        assert not (system.home / restoring.CHECK_FOLDER).exists()
        with pytest.raises(BackupDamaged, match=r"broken\.age"):
            restoring.restore(system.empty_settings(new), system.request(broken), print)
        assert not [one for one in restoring.STORE_FOLDERS if (new / one).exists()]


@pytest.mark.parametrize("change", [{"format": FORMAT + 1}, {"revision": "9999"}])
def test_backup_of_a_newer_release_is_refused(
    system: Installed, redis: Redis, no_store_starts: None, tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "b.age"
    facts = {"release": "9.9", "revision": "0017", "made_at": "2030-01-01T00:00:00Z", "redis_db": 0, "secret": ""}
    about = About.model_validate(facts | change)
    with path.open("wb") as file, encrypting(file, recipients_of([system.public])) as out, writing(out) as archive:
        archive.add_text("about.json", about.model_dump_json())
    with pytest.raises(BackupNewer, match=r"9\.9"):
        restoring.try_out(system.settings, system.request(path), print)


def test_backup_of_an_older_release_is_migrated(
    system: Installed, redis: Redis, database_url: str, tmp_path: Path
) -> None:
    with database_at("0016", database_url) as older:
        with psycopg.connect(older) as connection:
            connection.execute(
                "INSERT INTO conversations (id, channel, started_at, last_at) VALUES ('c', 'web', now(), now())"
            )
        old = replace(system, settings=Settings(**system.environment | {"DATABASE_URL": older}))
        assert old.back_up(tmp_path / "b.age").databases["record.dump"].tables["proposals"] == 0
    home = tmp_path / "new" / "home"
    restoring.restore(system.empty_settings(home), system.request(tmp_path / "b.age"), lambda line: None)
    with stores_of(home) as (_, record), psycopg.connect(record) as connection:
        assert connection.execute("SELECT id, processed_up_to FROM conversations").fetchall() == [("c", None)]
        assert connection.execute("SELECT count(*) FROM approvals").fetchone() == (0,)


@pytest.mark.parametrize(("store", "scheme"), [("REDIS_URL", "redis"), ("DATABASE_URL", "postgresql")])
def test_store_that_is_away_is_named_without_its_password(
    system: Installed, redis: Redis, tmp_path: Path, store: str, scheme: str
) -> None:
    port = free_port()
    url = f"{scheme}://user:hidden-word@127.0.0.1:{port}/0"
    code, output = system.run("backup", str(tmp_path / "b.age"), **{store: url})
    assert code == 1 and output.startswith("✗") and f"127.0.0.1:{port}" in output
    assert "hidden-word" not in output and "Traceback" not in output
    assert not list(tmp_path.glob("b.age*"))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk needs root")
def test_full_disk_leaves_the_last_backup(system: Installed, redis: Redis, database: Sessions, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]).returncode:
        pytest.skip("may not mount")
    try:
        (disk / "b.age").write_bytes(b"the last one")
        add_file(system.home, "c1", "c" * 32, os.urandom(3 * MEGABYTE))
        code, output = system.run("backup", str(disk / "b.age"))
        assert code == 1 and "No queda espacio en disco" in output and str(disk) in output
        assert [one.name for one in disk.iterdir()] == ["b.age"]
        assert (disk / "b.age").read_bytes() == b"the last one"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_killed_backup_leaves_the_last_one_and_the_next_succeeds(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    for number in range(12):
        add_file(system.home, "c1", f"{number:032x}", os.urandom(3 * MEGABYTE))
    path, fresh = tmp_path / "b.age", tmp_path / "b.age.new"
    path.write_bytes(b"the last one")
    process = system.command("backup", str(path))
    eventually_blocking(lambda: fresh.exists() and fresh.stat().st_size > 10 * MEGABYTE)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert fresh.exists() and path.read_bytes() == b"the last one"
    code, _ = system.run("backup", str(path))
    assert code == 0 and not fresh.exists()
    restoring.try_out(system.settings, system.request(path), lambda line: None)


async def test_memory_does_not_grow_with_the_data(
    system: Installed, redis: Redis, database_url: str, database: Sessions, tmp_path: Path
) -> None:
    small = peak_mb(system, tmp_path / "small.age")
    for number in range(10):
        add_file(system.home, f"c{number}", f"{number:032x}", os.urandom(3 * MEGABYTE))
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO conversations (id, channel, started_at, last_at) VALUES ('c', 'web', now(), now())"
        )
        connection.execute(
            "INSERT INTO messages (conversation_id, event_id, at, author, text, data) SELECT 'c', n || '-0', now(),"
            " 'citizen', repeat(md5(n::text), 30), '{}' FROM generate_series(1, 30000) n"
        )
    for number in range(30):
        await redis.set(f"big {number}", os.urandom(MEGABYTE))
    assert peak_mb(system, tmp_path / "large.age") < small + MORE_MEMORY_MB


def peak_mb(system: Installed, path: Path) -> float:
    """Backs up in a process and returns the maximum memory (MB) of that process."""
    process = system.command("backup", str(path))
    with process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024
