"""Tests backups of a system with traffic: nothing acknowledged is missing, and work continues after a restore."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from sqlalchemy import text

from bot.backup import backup, redis_copy
from bot.backup import database as backup_database
from bot.backup import restore as restoring
from bot.backup.column_versions import without_column_versions
from bot.backup.errors import HomeInUse, SecretForeign, StoreFailed, StoreInUse
from bot.backup.key_copy import READ, copy_keys
from bot.backup.manifest import About
from bot.backup.place import Place
from bot.conversation.change import Change
from bot.core.errors.launcher import AlreadyRunning
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.engine import Sessions, open_database
from bot.run.system import only_one
from bot.store.client import open_redis
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.eventually import eventually
from tests.integration.backups import Installed, add_file, installed, stores_of
from tests.no_record import mailbox_of
from tests.recording import recording
from tests.shared import PASSWORD
from tests.transcripts import MASTERS, SECRET

ANA = StaffRef("ana", "Ana Soto")
CITIZENS = 6


@pytest.fixture
def system(tmp_path: Path, redis_url: str, database_url: str) -> Installed:
    return installed(tmp_path / "source", redis_url, database_url)


async def write(redis: Redis, citizen: int, acknowledged: list[tuple[str, str]], enough: asyncio.Event) -> None:
    """Writes messages until ``enough`` is set; some are answered, some open a ticket, and some tickets are closed.

    Adds each acknowledged message to ``acknowledged``.
    """
    inbox, tickets, number = mailbox_of(redis), Tickets(redis), 0
    conversation = f"c{citizen}"
    while not enough.is_set():
        message = CitizenMessage(conversation, Channel.WEB, f"m{number}", f"pregunta {number}", at=0)
        await inbox.accept(message)
        acknowledged.append((conversation, f"m{number}"))
        if number % 7 == 6:
            handoff = Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "obras")
            pending = await inbox.pending(conversation)
            await inbox.commit(
                pending, (Reply("en la fila"),), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff
            )
            if (ticket := (await inbox.state(conversation)).ticket) and number % 14 == 13:
                await tickets.claim(ticket, ANA, Reply("te atiende Ana"))
                await tickets.close(ticket, ANA, Reply("cerrado"))
        elif number % 3 == 2 and (await inbox.state(conversation)).speaker is Speaker.ASSISTANT:
            await inbox.commit(
                await inbox.pending(conversation), (Reply("respuesta"),), speaker=Speaker.ASSISTANT, change=Change()
            )
        number += 1
        await asyncio.sleep(0.005)


@asynccontextmanager
async def traffic(redis: Redis, database: Sessions) -> AsyncIterator[list[tuple[str, str]]]:
    acknowledged: list[tuple[str, str]] = []
    enough = asyncio.Event()
    async with recording(redis, database):
        writing = [write(redis, citizen, acknowledged, enough) for citizen in range(CITIZENS)]
        writers = [asyncio.create_task(one) for one in writing]
        await eventually(lambda: len(acknowledged) > 200 or any(one.done() for one in writers))
        try:
            yield acknowledged
        finally:
            enough.set()
            await asyncio.gather(*writers)


async def messages_of(redis: Redis) -> set[tuple[str, str]]:
    """Returns the (conversation, message id) pairs of all citizens' messages in the event logs."""
    inbox = mailbox_of(redis)
    logs = {f"c{citizen}": await inbox.events(f"c{citizen}") for citizen in range(CITIZENS)}
    return {
        (name, event.facts.to_data()["message_id"])
        for name, log in logs.items()
        for event in log
        if event.author == "citizen"
    }


async def recorded_messages(sessions: Sessions) -> set[tuple[str, str]]:
    query = text("SELECT conversation_id, data->>'message_id' FROM messages WHERE author = 'citizen'")
    async with sessions() as session:
        return {(row[0], row[1]) for row in await session.execute(query)}


async def open_tickets(sessions: Sessions) -> set[str]:
    async with sessions() as session:
        return {row[0] for row in await session.execute(text("SELECT id FROM tickets WHERE state != 'closed'"))}


async def test_acknowledged_work_continues_after_a_restore(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    add_file(system.home, "c1", "a" * 32, os.urandom(100_000))
    path = tmp_path / "backup.age"
    await mailbox_of(redis).accept(CitizenMessage("unanswered", Channel.WEB, "m0", "nadie contesta", at=0))
    async with traffic(redis, database) as acknowledged:
        before = set(acknowledged)
        await asyncio.to_thread(system.back_up, path)
        assert len(acknowledged) > len(before)  # the system went on meanwhile
    home = tmp_path / "new" / "home"
    lines: list[str] = []
    restoring.restore(system.empty_settings(home), system.request(path), lines.append)
    assert (home / "files" / "c1" / ("a" * 32)).read_bytes() == (system.home / "files" / "c1" / ("a" * 32)).read_bytes()
    assert (home.parent / "faq").is_dir() and (home.parent / "agency.yml").is_file()
    assert not (home / restoring.WORK_FOLDER).exists()
    async with restored_stores(home) as (again, sessions):
        kept = await messages_of(again)
        assert before <= kept
        async with recording(again, sessions):
            await eventually(lambda: caught_up(again, sessions, kept))
        assert before <= await recorded_messages(sessions)
        open_ones = await open_tickets(sessions)
        assert open_ones and open_ones == await open_in(again)
        inbox = mailbox_of(again)
        assert [message.text for message in await inbox.pending("unanswered")] == ["nadie contesta"]
        await inbox.accept(CitizenMessage("c1", Channel.WEB, "after", "sigo aquí", at=0))


@asynccontextmanager
async def restored_stores(home: Path) -> AsyncIterator[tuple[Redis, Sessions]]:
    """Starts the stores of ``home`` and opens both; closes both although the test fails."""
    with stores_of(home) as (redis_url, record):
        redis = open_redis(redis_url, SECRET)
        engine, sessions = open_database(record, masters=MASTERS)
        try:
            yield redis, sessions
        finally:
            await engine.dispose()
            await redis.aclose()


async def caught_up(redis: Redis, sessions: Sessions, kept: set[tuple[str, str]]) -> bool:
    groups = await redis.xinfo_groups("v:events")
    idle = bool(groups) and groups[0]["lag"] == groups[0]["pending"] == 0
    return idle and kept <= await recorded_messages(sessions)


async def open_in(redis: Redis) -> set[str]:
    waiting = await redis.zrange("v:queue:obras", 0, -1)
    return set(waiting) | set(await redis.smembers("v:claimed"))


async def test_check_counts_everything_and_leaves_nothing(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    path = tmp_path / "backup.age"
    async with traffic(redis, database):
        manifest = await asyncio.to_thread(system.back_up, path)
    lines: list[str] = []
    restoring.try_out(system.settings, system.request(path), lines.append)
    assert lines[-1].startswith("✓ El respaldo sirve")
    assert any(str(sum(manifest.databases["record.dump"].tables.values())) in line for line in lines)
    assert any(f"{manifest.redis.keys} claves" in line for line in lines)
    assert not (system.home / restoring.CHECK_FOLDER).exists()
    assert manifest.databases["record.dump"].tables["messages"] > 0
    assert oct(path.stat().st_mode & 0o777) == "0o600"


async def test_dumps_of_two_databases_and_their_rows_are_restored(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    trackers = system.environment["RASA_DATABASE_URL"]
    with psycopg.connect(trackers, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS events (id serial PRIMARY KEY, data text)")
        connection.execute("TRUNCATE events")
        connection.execute("INSERT INTO events (data) SELECT 'turno ' || n FROM generate_series(1, 1000) n")
    try:
        path = tmp_path / "backup.age"
        manifest = system.back_up(path)
        assert manifest.databases["trackers.dump"].tables["events"] == 1000
        home = tmp_path / "new" / "home"
        restoring.restore(system.empty_settings(home), system.request(path), lambda line: None)
        place = Place(home)
        _, rasa = place.start_postgres()
        with psycopg.connect(rasa) as connection:
            assert connection.execute("SELECT count(*), max(id) FROM events").fetchone() == (1000, 1000)
        place.stop()
    finally:
        with psycopg.connect(trackers, autocommit=True) as connection:
            connection.execute("DROP TABLE events")


def test_dump_of_postgres_17_with_column_versions_is_restored(tmp_path: Path) -> None:
    option, version = b"n_distinct=12345678", b"pg_attver=123456789"  # of one length; version 18 takes only the first
    place = Place(tmp_path / "stores")
    source, target = place.start_postgres()
    try:
        with psycopg.connect(source, autocommit=True) as connection:
            connection.execute("CREATE TABLE questions (id int, words text)")
            connection.execute("ALTER TABLE questions ALTER COLUMN id SET (n_distinct=12345678)")
            connection.execute("INSERT INTO questions VALUES (1, 'hola')")
        dumped = subprocess.run(
            [backup_database.binaries() / "pg_dump", "--format=custom", "--compress=0", "--no-owner", source],
            capture_output=True,
            check=True,
        ).stdout
        as_of_17 = dumped.replace(option, version)
        assert as_of_17 != dumped
        with pytest.raises(StoreFailed, match="pg_attver"):
            backup_database.restore(target, [as_of_17])
        backup_database.restore(target, without_column_versions(iter([as_of_17])))
        with psycopg.connect(target) as connection:
            assert connection.execute("SELECT id, words FROM questions").fetchall() == [(1, "hola")]
    finally:
        place.stop()


async def test_restore_overwrites_nothing(system: Installed, redis: Redis, database: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "backup.age"
    system.back_up(path)
    used = tmp_path / "used" / "home"
    (used / "valkey" / "appendonlydir").mkdir(parents=True)
    with pytest.raises(HomeInUse, match="valkey"):
        restoring.restore(system.empty_settings(used), system.request(path), print)
    free = system.empty_settings(tmp_path / "free" / "home")
    with only_one(free), pytest.raises(AlreadyRunning):
        restoring.restore(free, system.request(path), print)
    configured = system.settings.model_copy(update={"home": tmp_path / "free" / "home"})
    with pytest.raises(StoreInUse, match="postgres"):
        restoring.restore(configured, system.request(path), print)
    other = free.model_copy(update={"secret": type(free.secret)("another")})
    with pytest.raises(SecretForeign):
        restoring.restore(other, system.request(path), print)
    assert sorted(one.name for one in free.home.iterdir()) == ["lock"]


async def test_answers_that_differ_from_those_here_are_kept_aside(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    path = tmp_path / "backup.age"
    system.back_up(path)
    new = system.empty_settings(tmp_path / "new" / "home")
    new.agency_file.parent.mkdir()
    new.agency_file.write_text("nombre: otra")
    lines: list[str] = []
    restoring.restore(new, system.request(path), lines.append)
    assert new.agency_file.read_text() == "nombre: otra"
    aside = new.home / "restored" / "agency.yml"
    assert aside.read_bytes() == system.settings.agency_file.read_bytes()
    assert any(str(aside) in line for line in lines)
    assert str(aside.parent) in lines[-1] and "No inicies todavía" in lines[-1]


async def test_everything_that_the_agency_writes_comes_back(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    source, target = (tmp_path / one / "project" for one in ("source", "new"))
    system.settings.tests_dir.mkdir()
    written = {
        system.settings.tests_dir / "mesa.jsonl": '{"text": "hay un hoyo", "faq": "bache"}\n',
        source / "data" / "crisis" / "sismo.yml": "titulo: Sismo",
        source / "data" / "transparencia.yml": "unidad: OIRS",
    }
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    settings = system.settings.model_copy(update={"project_root": source})
    path = tmp_path / "backup.age"
    backup.back_up(settings, path, [system.public])
    new = system.empty_settings(tmp_path / "new" / "home").model_copy(update={"project_root": target})
    (target / "data" / "crisis").mkdir(parents=True)
    new.tests_dir.mkdir()  # as the action server leaves it
    (target / "data" / "crisis" / "sismo.yml").write_text("titulo: Otro")
    lines: list[str] = []
    restoring.restore(new, system.request(path), lines.append)
    assert (new.tests_dir / "mesa.jsonl").read_text() == '{"text": "hay un hoyo", "faq": "bache"}\n'
    assert (target / "data" / "transparencia.yml").read_text() == "unidad: OIRS"
    assert (target / "data" / "crisis" / "sismo.yml").read_text() == "titulo: Otro"
    assert (new.home / "restored" / "crisis" / "sismo.yml").read_text() == "titulo: Sismo"
    assert any("Mensajes de prueba: 1" in line for line in lines)


async def test_what_the_agency_adds_to_the_projects_data_comes_back(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    source, target = (tmp_path / one / "project" / "data" for one in ("source", "new"))
    own = {
        "atlas/nuestro.csv": "id,nombre",
        "commands/thank.propias.txt": "mil gracias",
        "danger/frases.propias": "gas: la manguera",
        "danger/gas.propias.txt": "huele raro",
        "lexicon/chile.csv": "termino,formas\nCESFAM,consultorio",
    }
    for name, content in {**own, "danger/gas.txt": "del proyecto"}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(content)
    path = tmp_path / "backup.age"
    manifest = backup.back_up(system.settings.model_copy(update={"project_root": source.parent}), path, [system.public])
    assert manifest.folders[backup.OWN].files == len(own)
    (target / "lexicon").mkdir(parents=True)
    (target / "lexicon" / "chile.csv").write_text("termino,formas")
    new = system.empty_settings(tmp_path / "new" / "home").model_copy(update={"project_root": target.parent})
    lines: list[str] = []
    restoring.restore(new, system.request(path), lines.append)
    edited = own.pop("lexicon/chile.csv")
    assert {name: (target / name).read_text() for name in own} == own
    assert not (target / "danger" / "gas.txt").exists()
    assert (target / "lexicon" / "chile.csv").read_text() == "termino,formas"
    assert (new.home / "restored" / "lexicon" / "chile.csv").read_text() == edited
    assert any("lexicon/chile.csv" in line for line in lines)


async def test_backup_of_the_first_format_is_restored(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backup.age"
    with monkeypatch.context() as patched:  # what release 1 wrote: format 1, and none of the newer folders
        old = {"agency": system.settings.agency_file, "faq": system.settings.faq_dir}
        patched.setattr(backup, "written_by_agency", lambda settings: old)
        patched.setattr(backup, "OWN_DATA", ())
        patched.setattr(backup, "About", partial(About, format=1))
        system.back_up(path)
    new = system.empty_settings(tmp_path / "new" / "home")
    restoring.restore(new, system.request(path), lambda line: None)
    assert new.faq_dir.is_dir() and not new.tests_dir.exists()


async def test_backup_with_the_earlier_names_of_the_answering_files_is_restored(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"good/calle/bache.md": "bueno", "adapter.safetensors": "propio", "adapter.md": "ficha"}
    for name, content in kept.items():
        (system.home / name).parent.mkdir(parents=True, exist_ok=True)
        (system.home / name).write_text(content)
    path = tmp_path / "backup.age"
    with monkeypatch.context() as patched, only_one(system.settings):  # what releases before `answers/` wrote
        patched.setattr(backup, "STATE_FILES", ("adapter.safetensors", "adapter.md"))
        patched.setattr(backup, "STATE_FOLDERS", ("files", "complaint_files", "good"))
        system.back_up(path)
    assert all((system.home / name).is_file() for name in kept)  # the launcher that runs uses them there
    used = system.empty_settings(tmp_path / "used" / "home")
    (used.home / "good" / "calle").mkdir(parents=True)
    with pytest.raises(HomeInUse, match="good"):
        restoring.restore(used, system.request(path), print)
    new = system.empty_settings(tmp_path / "new" / "home")
    restoring.restore(new, system.request(path), lambda line: None)
    assert {name: (new.answers_home / name).read_text() for name in kept} == kept


async def test_backup_moves_the_answering_files_of_an_earlier_version(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    (system.home / "adapter.safetensors").write_text("propio")
    system.back_up(tmp_path / "backup.age")
    assert (system.settings.answers_home / "adapter.safetensors").read_text() == "propio"


async def test_every_kind_of_key_is_copied_to_another_redis(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    await redis.set("empty", "")
    await redis.set("bytes", b"\xff\x00", ex=1000)
    await redis.hset("hash", mapping={"a": "1", "b": ""})
    await redis.rpush("list", "b", "a", "b")
    await redis.sadd("set", "x", "y")
    await redis.zadd("zset", {"low": -1.5, "high": 1764253200123.25})
    for number in range(1, 5):
        await redis.xadd("stream", {"n": number}, id=f"{number}-1")
    await redis.xgroup_create("stream", "readers", "0")
    await redis.xreadgroup("readers", "ana", {"stream": ">"}, count=3)
    await redis.xack("stream", "readers", "1-1")
    await redis.xdel("stream", "4-1")
    await redis.xgroup_create("never written", "readers", mkstream=True)
    place = Place(tmp_path / "stores")
    try:
        with redis_copy.connected(redis_url) as source, redis_copy.connected(place.start_valkey()) as target:
            assert copy_keys(source, target) == 8
            assert {name: everything(target, name) for name in target.keys()} == {
                name: everything(source, name) for name in source.keys()
            }
            assert 0 < target.ttl("bytes") <= 1000
            with pytest.raises(ResponseError, match="equal or smaller"):
                target.xadd("stream", {"n": 4}, id="4-1")
    finally:
        place.stop()


def everything(client: redis_copy.Client, name: bytes) -> object:
    kind = client.type(name)
    content = READ[kind](client, name)
    if kind != b"stream":
        return content
    pending = [
        (one["message_id"], one["consumer"], one["times_delivered"])
        for one in client.xpending_range(name, "readers", "-", "+", 9)
    ]
    return content, client.xinfo_groups(name)[0]["last-delivered-id"], pending


async def test_configured_redis_and_database_are_filled(
    system: Installed, redis: Redis, database: Sessions, tmp_path: Path
) -> None:
    await redis.set("for ever", "1")
    await redis.set("for a while", "2", ex=1000)
    add_file(system.home, "c1", "a" * 32, b"of c1")
    path = tmp_path / "backup.age"
    system.back_up(path)
    place = Place(tmp_path / "stores")
    record, trackers = place.start_postgres()
    target = place.start_valkey()
    urls = {"REDIS_URL": target, "DATABASE_URL": record, "RASA_DATABASE_URL": trackers}
    base = system.empty_settings(tmp_path / "new" / "home").model_dump(by_alias=True)
    new = type(system.settings)(**{name: value for name, value in base.items() if name not in urls} | urls)
    (new.home / "files").mkdir(parents=True)  # as the mount point of an empty volume
    inode = (new.home / "files").stat().st_ino
    restoring.restore(new, system.request(path), lambda line: None)
    client = open_redis(target, SECRET)
    assert await client.get("for ever") == "1"
    assert 0 < await client.ttl("for a while") <= 1000
    await client.aclose()
    with psycopg.connect(record) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    assert (new.home / "files" / "c1" / ("a" * 32)).read_bytes() == b"of c1"
    assert (new.home / "files").stat().st_ino == inode
    assert not [name for name in ("postgres", "valkey", "secrets.json") if (new.home / name).exists()]
    place.stop()
    assert PASSWORD not in record
