"""Tests the pieces of a backup: keys, the archive, counts, texts."""

from __future__ import annotations

import errno
import io
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backup import database, errors, redis_copy
from bot.backup.archive import PIECE_BYTES, members, writing
from bot.backup.backup import STATE, WRITTEN, replacing
from bot.backup.column_versions import without_column_versions
from bot.backup.encryption import decrypting, encrypting, identities_of, new_key, recipients_of
from bot.backup.errors import BackupDamaged, BackupRuns, KeyExists, KeyUnreadable, KeyWrong, RecipientInvalid
from bot.backup.folders import add_files, count_files, unpack, walk
from bot.backup.manifest import About, DatabaseCounts, FolderCounts, Manifest, RedisCounts, Stream
from bot.backup.rdb import keys_in
from bot.backup.report import found_lines
from bot.backup.restore import _put
from bot.backup.restored import Restored
from bot.cli import backup as commands
from bot.core.errors.base import VentanillaError
from bot.core.secrets.encryption import fingerprint
from bot.core.settings import Settings
from bot.core.texts import say
from tests.rows import each_row

AUX = b"\xfa\x0avalkey-ver\x059.1.2\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2\x12\x40\x09\x6b"
ONE = Stream(bytes=1, sha256="")


@pytest.mark.parametrize(
    ("rest", "keys"),
    [
        (b"\xfe\x00\xfb\x07\x00", 7),
        (b"\xfe\x00\xfb\x41\x02\x00", 258),
        (b"\xfe\x00\xfb\x80\x00\x01\x00\x00\x00", 65536),
        (b"\xfe\x00\xfb\x81\x00\x00\x00\x00\x00\x01\x00\x00\x00", 65536),
        (b"\xff", 0),
        (b"\xf5\x00", None),
        (b"\xfe\x00\xfb", None),
    ],
)
def test_number_of_keys_is_read_from_the_head(rest: bytes, keys: int | None) -> None:
    assert keys_in(b"REDIS0011" + AUX + rest) == keys


def test_compressed_text_in_the_head_is_skipped() -> None:
    assert keys_in(b"VALKEY080\xfa\x01a\xc3\x02\x14xy\xfe\x00\xfb\x03\x00") == 3


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_column_versions_are_replaced_wherever_the_dump_is_cut(size: int) -> None:
    statement = b'ALTER TABLE ONLY public."order" ALTER COLUMN at %b;\n'
    version, harmless = b"SET (pg_attver=33516264)", b"RESET (n_distinct)      "
    row = b"1\tALTER TABLE ONLY a ALTER COLUMN b SET (pg_attver=123);\n"
    before = b"x" * 2000 + b"\n" + 3 * (statement % version) + row + b"y" * 600
    pieces = (before[start : start + size] for start in range(0, len(before), size))
    assert b"".join(without_column_versions(pieces)) == before.replace(version, harmless)


def test_stream_is_cut_into_pieces_and_joined_again() -> None:
    content = b"0123456789" * (PIECE_BYTES // 9)
    packed = io.BytesIO()
    with writing(packed) as archive:
        stream = archive.stream("x.dump")
        stream.write(content)
        assert stream.finish().bytes == len(content)
    packed.seek(0)
    found = [(str(one.name), b"".join(one.pieces())) for one in members(packed)]
    assert [name for name, _ in found] == ["x.dump/000000", "x.dump/000001"]
    assert b"".join(piece for _, piece in found) == content


@pytest.mark.parametrize("name", ["../evil", "/evil", "state/../../evil"])
def test_member_that_leads_outside_is_refused(name: str) -> None:
    packed = io.BytesIO()
    with writing(packed) as archive:
        archive.add_text(name, "x")
    packed.seek(0)
    with pytest.raises(BackupDamaged):
        list(members(packed))


def test_link_in_the_archive_is_refused() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        link = tarfile.TarInfo("state/files/x")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    packed.seek(0)
    with pytest.raises(BackupDamaged):
        list(members(packed))


def test_folder_comes_back_with_the_same_counts_and_times(tmp_path: Path) -> None:
    for name in ("b/one.md", "a.md", "b/c/two.md"):
        (tmp_path / "from" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "from" / name).write_text(name)
    (tmp_path / "from" / "link").symlink_to("/etc/passwd")
    packed = io.BytesIO()
    with writing(packed) as archive:
        counts = add_files(archive, "faq", walk(tmp_path / "from"))
    packed.seek(0)
    for one in members(packed):
        unpack(one, tmp_path / "to" / one.name)
    assert counts.files == 3
    assert count_files(walk(tmp_path / "to" / "faq")) == counts
    (tmp_path / "to" / "faq" / "a.md").write_text("A.md")
    assert count_files(walk(tmp_path / "to" / "faq")) != counts


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_members_that_exclude_each_other_damage_the_backup(tmp_path: Path, names: tuple[str, str]) -> None:
    packed = io.BytesIO()
    with writing(packed) as archive:
        for name in names:
            archive.add_text(name, "hola")
    packed.seek(0)
    with pytest.raises(BackupDamaged, match=names[1]):
        for one in members(packed):
            unpack(one, tmp_path / one.name)


@pytest.mark.parametrize("reason", [errno.EROFS, errno.EACCES])
def test_restored_file_whose_place_cannot_be_written_is_kept_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(reason, "refused")

    monkeypatch.setattr(shutil, "move", refuse)
    path, target, aside = tmp_path / "x", tmp_path / "data" / "x", tmp_path / "restored" / "danger" / "x"
    path.write_text("gas: la manguera")
    lines: list[str] = []
    _put(path, target, aside, report=lines.append)
    assert aside.read_text() == "gas: la manguera"
    assert [str(one) in lines[0] for one in (target, aside)] == [True, True]


def test_folder_whose_empty_place_cannot_be_written_is_kept_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "refused")

    path, target, aside = (tmp_path / name for name in ("x", "mounted", "aside"))
    path.mkdir()
    target.mkdir()
    (path / "one.yml").write_text("hola")
    monkeypatch.setattr(shutil, "move", refuse)
    lines: list[str] = []
    _put(path, target, aside, report=lines.append)
    assert (aside / "one.yml").read_text() == "hola" and str(target) in lines[0]


def test_text_comes_back_with_the_right_key_only(tmp_path: Path) -> None:
    public, path = new_key(tmp_path / "key.txt"), tmp_path / "x.age"
    with path.open("wb") as file, encrypting(file, recipients_of([public])) as out:
        out.write(b"hola" * 100_000)
    with decrypting(path, identities_of(tmp_path / "key.txt")) as content:
        assert content.read() == b"hola" * 100_000
    new_key(tmp_path / "other.txt")
    with pytest.raises(KeyWrong), decrypting(path, identities_of(tmp_path / "other.txt")) as content:
        content.read()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BackupDamaged), decrypting(path, identities_of(tmp_path / "key.txt")) as content:
        content.read(10)  # the damage is at the end


def test_full_disk_is_reported_as_such() -> None:
    public = recipients_of(["age1degumhmpagk28ehy0z2mp0mkuy36gknvff3g6l5ge3p7rmdtqyyq5y7yun"])
    with (
        pytest.raises(OSError, match="No space left on device"),
        open("/dev/full", "wb", buffering=0) as file,
        encrypting(file, public) as out,
    ):
        for _ in range(100):
            out.write(b"x" * 100_000)


def test_own_error_of_a_block_is_not_hidden(tmp_path: Path) -> None:
    public, path = new_key(tmp_path / "key.txt"), tmp_path / "x.age"
    with pytest.raises(KeyError), path.open("wb") as file, encrypting(file, recipients_of([public])) as out:
        out.write(b"x" * 1_000_000)
        raise KeyError
    with path.open("wb") as file, encrypting(file, recipients_of([public])) as out:
        out.write(b"x" * 1_000_000)
    with pytest.raises(KeyError), decrypting(path, identities_of(tmp_path / "key.txt")):
        raise KeyError


def test_keys_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipientInvalid):
        recipients_of(["age1nonsense"])
    (tmp_path / "key.txt").write_text("nonsense")
    with pytest.raises(KeyUnreadable):
        identities_of(tmp_path / "key.txt")
    with pytest.raises(KeyUnreadable):
        identities_of(tmp_path / "missing.txt")
    with pytest.raises(KeyExists):
        new_key(tmp_path / "key.txt")


def test_file_is_replaced_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path) as file:
        file.write(b"half")
        raise KeyError
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("x", "old")]
    with replacing(path) as file:
        file.write(b"new")
        with pytest.raises(BackupRuns), replacing(path):
            pass
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("x", "new")]


def test_places_are_shown_without_passwords() -> None:
    assert database.place_of("postgresql+psycopg://v:hidden@10.0.0.6/ventanilla") == "10.0.0.6:5432/ventanilla"
    assert redis_copy.place_of("redis://:hidden@10.0.0.5:6380/3") == "10.0.0.5:6380"
    assert redis_copy.database_of("redis://:hidden@10.0.0.5:6380/3") == 3


def test_report_names_everything() -> None:
    about = About(release="1", revision="17", made_at=datetime.now(UTC), redis_db=0, secret=fingerprint("x"))
    folders = {name: FolderCounts(files=5, bytes=9, sha256="") for name in (STATE, *WRITTEN)}
    databases = {name: DatabaseCounts(dump=ONE, tables={"a": 3, "b": 4}) for name in ("record.dump", "trackers.dump")}
    manifest = Manifest(databases=databases, redis=RedisCounts(rdb=ONE, keys=6), folders=folders)
    lines = list(found_lines(about, manifest))
    assert len(lines) == 11
    assert "2 tablas, 7 filas" in lines[1] and "6 claves" in lines[3]


@each_row("error", [one for one in vars(errors).values() if isinstance(one, type)])
def test_every_error_says_what_to_do(error: type[VentanillaError]) -> None:
    if error.__module__ == errors.__name__:
        assert say(error.text_key).startswith("✗")


def test_recipients_are_separated_by_commas_or_spaces() -> None:
    assert Settings(BACKUP_RECIPIENT="age1a, age1b age1c").backup_recipients == ("age1a", "age1b", "age1c")


def test_commands_share_one_way_to_print(capsys: pytest.CaptureFixture[str]) -> None:
    commands.report("✓ [listo]")
    assert capsys.readouterr().out == "✓ [listo]\n"
    assert Restored.__doc__


def test_account_of_backups_counts_only_for_a_redis_of_ones_own() -> None:
    own, backup = "redis://bot@valkey", "redis://copies@valkey"
    given = [{"REDIS_URL": ""}, {"REDIS_URL": own}, {"REDIS_URL": "", "REDIS_BACKUP_URL": backup}]
    given.append({"REDIS_URL": own, "REDIS_BACKUP_URL": backup})
    copied = [Settings(**{"REDIS_BACKUP_URL": ""} | one).copied_redis_url for one in given]  # type: ignore[arg-type]
    assert copied == ["", own, "", backup]
