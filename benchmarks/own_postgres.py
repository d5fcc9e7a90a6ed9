"""Runs a PostgreSQL of a benchmark's own, with our tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.record.migrate import migrate
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url

PASSWORD = "benchmark"  # noqa: S105


@dataclass(frozen=True)
class OwnPostgres:
    """A running server: the address of its database, and the id of its main process."""

    url: str
    pid: int


@contextmanager
def own_postgres(home: Path) -> Iterator[OwnPostgres]:
    """Yields a migrated server, whose data is in ``home``, and stops it at the end of the block."""
    port = free_port()
    postgres = Running(postgres_part(home, port, PASSWORD))
    try:
        postgres.wait_healthy()
        make_databases(port, PASSWORD)
        url = postgres_url(port, PASSWORD)
        migrate(url)
        yield OwnPostgres(url, postgres.process.pid)
    finally:
        postgres.stop()
