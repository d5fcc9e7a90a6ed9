"""Tests that the secrets of the first run stay the same, and that a damaged file is reported and kept."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.core.errors.contents import SecretsDamaged
from bot.core.secrets.kept import change_secret, kept_secret
from bot.core.terminal import worded


def test_secret_is_created_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first, other = kept_secret(tmp_path, "redis"), kept_secret(tmp_path, "postgres")
    assert kept_secret(tmp_path, "redis") == first != other
    assert [(path.name, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [("secrets.json", 0o600)]


@pytest.mark.parametrize("content", ["", '{"redis": "a', "[1]", "null", '{"redis": 5}'])
def test_damaged_file_is_reported_and_kept(tmp_path: Path, content: str) -> None:
    file = tmp_path / "secrets.json"
    file.write_text(content)
    with pytest.raises(SecretsDamaged) as told:
        kept_secret(tmp_path, "redis")
    assert str(file) in worded(told.value)
    assert file.read_text() == content


def test_existing_database_gets_no_new_password_when_the_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18")
    with pytest.raises(SecretsDamaged):
        kept_secret(tmp_path, "postgres")
    assert not (tmp_path / "secrets.json").exists()


def test_written_file_is_json(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path, "redis")
    assert json.loads((tmp_path / "secrets.json").read_text()) == {"redis": secret}


def test_no_change_at_the_same_time_is_lost(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(24)]

    def change(name: str) -> None:
        kept_secret(tmp_path, name)
        change_secret(tmp_path, "secret", lambda old: f"{old} {name}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, names))
    kept = json.loads((tmp_path / "secrets.json").read_text())
    assert kept.keys() == {*names, "secret"}
    assert sorted(kept["secret"].split()) == sorted(names)
