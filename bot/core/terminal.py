"""Prints the results and errors of a command in Spanish, and sets its exit code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.core.errors.base import VentanillaError
from bot.core.log_stream import LogStream
from bot.core.logs import configure
from bot.core.outgoing.stores import checked
from bot.core.settings import Settings, load_settings
from bot.core.texts import say

TAIL_LINES = 8
DISK_TROUBLES = {
    errno.ENOSPC: "cli.errores.sin_disco",
    errno.EDQUOT: "cli.errores.sin_disco",
    errno.EACCES: "cli.errores.sin_permiso",
    errno.EROFS: "cli.errores.sin_permiso",
    errno.ENOTDIR: "cli.errores.ruta",
    errno.EISDIR: "cli.errores.ruta",
    errno.EEXIST: "cli.errores.ruta",
    errno.ENAMETOOLONG: "cli.errores.ruta",
}
# Errors of a store that is away or refuses the account, by library and name, since few commands load all three.
STORE_TROUBLES = {
    ("psycopg", "OperationalError"): ("PostgreSQL", "DATABASE_URL"),
    ("sqlalchemy", "OperationalError"): ("PostgreSQL", "DATABASE_URL"),
    ("redis", "ConnectionError"): ("Valkey", "REDIS_URL"),
    ("redis", "TimeoutError"): ("Valkey", "REDIS_URL"),
}
console = Console(highlight=False)


@contextmanager
def unfailing_console() -> Iterator[Console]:
    """Yields a console that neither raises nor blocks if standard output is full or closed (context manager).

    Output that cannot be written is dropped and counted.
    """
    stream = LogStream(sys.stdout.fileno())
    try:
        yield Console(file=cast(IO[str], stream), highlight=False, force_terminal=sys.stdout.isatty() or None)
    finally:
        stream.finish()


def finish_all(lines: list[str]) -> None:
    """Prints a command's result, line by line; exits with code 1 if any line begins with ``✗``."""
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    if any(line.startswith("✗") for line in lines):
        raise typer.Exit(1)


def finish(line: str) -> None:
    """Prints a command's one-line result; exits with code 1 if the line begins with ``✗``."""
    console.print(line, markup=False)
    if line.startswith("✗"):
        raise typer.Exit(1)


def settings() -> Settings:
    """Loads the settings and sets the log level to WARNING. Raises StoreUnchecked."""
    configure("WARNING")
    return checked(load_settings())


@contextmanager
def explained() -> Iterator[None]:
    """Prints known errors of its block as one Spanish line and exits with code 1 (context manager).

    Known errors are VentanillaError, invalid settings, a full disk, missing permission for a file, a path that cannot
    exist, and a store that does not answer. Other errors propagate.
    """
    try:
        yield
    except VentanillaError as error:
        line = worded(error)
    except ValidationError as error:
        line = _settings_trouble(error)
    except OSError as error:
        line = _disk_trouble(error)
    except Exception as error:
        line = _store_trouble(error)
    else:
        return
    Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)
    sys.exit(1)


def worded(error: VentanillaError) -> str:
    """Returns the error's Spanish text. If its facts name a log file, the text includes the last lines of that log."""
    facts = {"problema": str(error), "field": "su formato", "tail": ""} | error.facts
    if "log" in facts:
        facts["tail"] = tail(str(facts["log"]))
    line = say(error.text_key, **facts)
    return line if line.startswith("✗") else f"✗ {line}"


def tail(path: str) -> str:
    """Returns the last TAIL_LINES non-empty lines of a file, indented and shortened; '' if the file cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.rstrip() for line in file if line.strip()]
    except OSError:
        return ""
    return "\n".join(f"    {line[:300]}" for line in lines[-TAIL_LINES:])


def _settings_trouble(error: ValidationError) -> str:
    first = error.errors()[0]
    problem = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:  # two settings that contradict each other; the problem names them
        return say("cli.errores.ajustes", problema=problem)
    return say("cli.errores.ajuste", nombre=first["loc"][0], problema=problem)


def _disk_trouble(error: OSError) -> str:
    key = DISK_TROUBLES.get(error.errno or 0)
    if key is None:
        raise error
    return say(key, carpeta=error.filename or settings().home)


def _store_trouble(error: Exception) -> str:
    names = ((one.__module__.partition(".")[0], one.__name__) for one in type(error).__mro__)
    found = next((STORE_TROUBLES[name] for name in names if name in STORE_TROUBLES), None)
    if found is None:
        raise error
    problem = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]  # SQLAlchemy's adds the query
    return say("cli.errores.almacen", almacen=found[0], ajuste=found[1], problema=problem)
