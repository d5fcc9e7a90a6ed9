"""Writes docs/redis.md, the tables of keys, Lua scripts and libraries of bot/store: ``python -m scripts.redis_tables``.

Run it after changing a key, a script or a library.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.store import keys
from bot.store.key_families import Key, KeyFamily
from bot.store.scripts import LIBRARIES, LUA, Argument, LuaFile, script_names

PAGE = Path(__file__).resolve().parent.parent / "docs" / "redis.md"
HEAD = """# Redis

Every key that Ventanilla has in Redis or Valkey, and every Lua script that changes them. Why it is built so is in
[architecture](architecture.md#redis-keys-and-scripts). What people wrote is [encrypted](decisions/words-in-valkey.md)
in all of them.

This page is made from `bot/store/keys.py` and the headers in `bot/store/lua` by `python -m scripts.redis_tables`; a
test fails while it is not up to date.
"""
SCRIPTS = """A script is a file of `bot/store/lua`. An argument may have a type: `number`; `flag`, yes or no; `json`, a
value that comes as JSON and may be missing; `words`, a string, and `sealed`, JSON, in which the words of people come
encrypted; the others are strings.
"""
LIBRARIES_HEAD = """What several scripts do is in a library, a file of `bot/store/lua/lib`; a script is sent with those
that it includes.
"""


def page() -> str:
    """Renders the whole page as Markdown."""
    files = [LuaFile.read(LUA, name) for name in script_names()]
    libraries = [LuaFile.read(LUA / LIBRARIES, name) for name in script_names(LUA / LIBRARIES)]
    sections = (
        HEAD,
        "## Keys\n",
        table("key | type | what | ends", (_key_row(key) for key in keys.catalogue())),
        "## Scripts\n",
        SCRIPTS,
        table("script | arguments | returns | what it does", (_script_row(file) for file in files)),
        "## Libraries\n",
        LIBRARIES_HEAD,
        table("library | what it does | includes", (_library_row(file) for file in libraries)),
    )
    return "\n".join(sections)


def table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Renders a Markdown table; ``head`` contains the column names, separated by ``|``."""
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _key_row(key: Key | KeyFamily) -> tuple[str, ...]:
    name = key.pattern if isinstance(key, KeyFamily) else key
    return f"`{name}`", key.kind, key.holds, key.ends


def _script_row(file: LuaFile) -> tuple[str, ...]:
    returns = file.returns.replace("<", "\\<")  # an unescaped "<" would be read as HTML
    return f"`{file.name}`", ", ".join(map(_argument, file.args)), returns, file.about


def _argument(one: Argument) -> str:
    return f"{one.name} ({one.kind})" if one.kind else one.name


def _library_row(file: LuaFile) -> tuple[str, ...]:
    return f"`{file.name}`", file.about, ", ".join(file.includes)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
